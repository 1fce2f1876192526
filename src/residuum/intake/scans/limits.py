"""How much one object may cost, and why not more: whoever sends an object must not stop or fill the machine."""

from typing import Final

MIB: Final = 1024 * 1024

LARGEST_OBJECT_BYTES: Final = 64 * MIB
"""A whole-body scan takes 1 to 4 MB, a SPECT 4 to 8 MB, a slice of CT 0.5 MB."""
LARGEST_PIXELS_BYTES: Final = 64 * MIB
"""Unpacked; checked before anything is unpacked."""
MEMORY_BYTES: Final = 400 * MIB
"""What the child may write to. Libraries that it only reads add some 40 MB: it stays below 500 MB resident."""
ADDRESS_BYTES: Final = 2048 * MIB
"""Also binds memory that is shared with files, which the other limit does not count."""
SECONDS: Final = 4.0
"""For looking at one object, and again for copying it: with a restart the answer comes within 5 s."""
START_SECONDS: Final = 60.0
"""For the child to start, which takes less than a second on an idle machine."""
LARGEST_SERIES_BYTES: Final = 512 * MIB
"""All slices of a CT, which are held until the last one is copied; 600 slices take 300 MB."""
DEPTH: Final = 8
"""Sequences within sequences; images of any kind need 4, reports some more."""
ELEMENTS: Final = 50_000
"""With the items of sequences. An image has some hundred, a structure set some ten thousand; more take seconds."""
FRAMES: Final = 10_000
"""Every frame is looked at on its own; dynamic studies have some hundred."""
FILE_META_BYTES: Final = 65536
"""A file meta group takes 200 to 400 bytes, and more where an archive adds to it."""
OPEN_FILES: Final = 16
"""Three streams, two pipes and the module that is being imported."""
OBJECTS_PER_CHILD: Final = 1000
"""Then the child starts afresh, in case a decoder leaks."""
RECYCLED_BYTES: Final = 250 * MIB
"""A child that holds more than this between two objects starts afresh."""
ANSWER_BYTES: Final = 4 * MIB
"""Facts of an object with thousands of frames take less than 1 MB."""

ARCHIVE_MEMBERS: Final = 20_000
"""Of a ZIP archive: a patient with several CT has a few thousand objects."""
ARCHIVE_BYTES: Final = 8 * 1024 * MIB
"""Of all members, unpacked."""
ARCHIVE_DIRECTORY_BYTES: Final = 8 * MIB
"""Its directory, at 100 to 300 bytes a member; it is read at once."""
ARCHIVE_RATIO: Final = 100
"""Of all members to the archive, once they exceed one object; scans pack 2 to 20 times, empty ones 200 times."""


def in_words(count: int) -> str:
    """Return a number of bytes as refusals name it."""
    return f"{count // MIB} MiB"

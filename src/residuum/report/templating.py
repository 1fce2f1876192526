"""Where pages come from: the templates of this folder, everything escaped, every unknown name an error."""

from gettext import NullTranslations

from jinja2 import Environment, PackageLoader, StrictUndefined


def template_environment(words: NullTranslations) -> Environment:
    """Return the environment of the templates in the language of `words`."""
    environment = Environment(
        loader=PackageLoader("residuum.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]  # added by the extension
    return environment

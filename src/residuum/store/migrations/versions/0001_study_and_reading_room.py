"""The study's tables, the reading room's, and what the database itself refuses."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NUMBER: sa.Double[float] = sa.Double()

CONTENT_OF_LOCKED = {
    "marks": "regions pattern extent seen_on confidence image view x_mm y_mm z_mm scan reader occasion mark",
    "grades": "system segment grade scan reader occasion",
}
"""Columns by table that nothing may change while the read is locked; which lesion a mark is may be said later."""


READ_OF_LOCKED = "scan reader occasion evaluable comment seconds read_order"
"""Columns of a read that nothing may change while it is locked."""
SIGNED = (
    "new.state = 'locked' OR new.signed_by IS NOT NULL OR new.signed_at IS NOT NULL OR new.content_sha256 IS NOT NULL"
)
"""A change of a locked read that leaves a signature standing: unlocking is the only one, and it voids them all."""


def upgrade() -> None:
    """Make every table and every trigger."""
    _make_tables()
    if op.get_bind().dialect.name == "sqlite":
        _refuse_in_sqlite()
    else:
        _refuse_in_postgresql()


def _refuse_in_sqlite() -> None:
    for action in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_no_{action.lower()} BEFORE {action} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
        )
    op.execute(
        "CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE n = new.n) "
        "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
    )
    changed = " OR ".join(f"new.{name} IS NOT old.{name}" for name in READ_OF_LOCKED.split())
    op.execute(
        f"CREATE TRIGGER reads_locked BEFORE UPDATE ON reads WHEN old.state = 'locked' AND ({changed} OR {SIGNED}) "
        "BEGIN SELECT RAISE(ABORT, 'the read is locked'); END"
    )
    op.execute(
        "CREATE TRIGGER reads_no_delete BEFORE DELETE ON reads WHEN old.state = 'locked' "
        "BEGIN SELECT RAISE(ABORT, 'the read is locked'); END"
    )
    op.execute(
        "CREATE TRIGGER reads_no_replace BEFORE INSERT ON reads WHEN EXISTS (SELECT 1 FROM reads WHERE "
        "scan = new.scan AND reader = new.reader AND occasion = new.occasion AND state = 'locked') "
        "BEGIN SELECT RAISE(ABORT, 'the read is locked'); END"
    )
    for table, columns in CONTENT_OF_LOCKED.items():
        changed = ", ".join(columns.split())
        for action, rows in (("INSERT", ["new"]), ("DELETE", ["old"]), (f"UPDATE OF {changed}", ["old", "new"])):
            locked = " OR ".join(
                f"EXISTS (SELECT 1 FROM reads WHERE scan = {row}.scan AND reader = {row}.reader AND "
                f"occasion = {row}.occasion AND state = 'locked')"
                for row in rows
            )
            op.execute(
                f"CREATE TRIGGER {table}_locked_{action.split()[0].lower()} BEFORE {action} ON {table} WHEN {locked} "
                "BEGIN SELECT RAISE(ABORT, 'the read is locked'); END"
            )


def _refuse_in_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()"
    )
    op.execute(
        "CREATE FUNCTION reads_locked() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the read is locked'; END $$"
    )
    changed = " OR ".join(f"new.{name} IS DISTINCT FROM old.{name}" for name in READ_OF_LOCKED.split())
    op.execute(
        "CREATE TRIGGER reads_locked BEFORE UPDATE ON reads FOR EACH ROW "
        f"WHEN (old.state = 'locked' AND ({changed} OR {SIGNED})) EXECUTE FUNCTION reads_locked()"
    )
    op.execute(
        "CREATE TRIGGER reads_no_delete BEFORE DELETE ON reads FOR EACH ROW "
        "WHEN (old.state = 'locked') EXECUTE FUNCTION reads_locked()"
    )
    op.execute(
        "CREATE FUNCTION content_locked() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP <> 'INSERT' THEN IF EXISTS (SELECT 1 FROM reads WHERE scan = old.scan AND reader = old.reader AND "
        "occasion = old.occasion AND state = 'locked') THEN RAISE EXCEPTION 'the read is locked'; END IF; END IF; "
        "IF TG_OP <> 'DELETE' THEN IF EXISTS (SELECT 1 FROM reads WHERE scan = new.scan AND reader = new.reader AND "
        "occasion = new.occasion AND state = 'locked') THEN RAISE EXCEPTION 'the read is locked'; END IF; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN old; END IF; RETURN new; END $$"
    )
    for table, columns in CONTENT_OF_LOCKED.items():
        changed = ", ".join(columns.split())
        op.execute(
            f"CREATE TRIGGER {table}_locked BEFORE INSERT OR DELETE OR UPDATE OF {changed} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION content_locked()"
        )


def _make_tables() -> None:
    op.create_table(
        "accounts",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("reader", TEXT),
        sa.Column("password", TEXT),
        sa.Column("disabled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", WHOLE, server_default="1", nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "analyses",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("requested_by", TEXT, nullable=False),
        sa.Column("requested_at", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("message", TEXT),
        sa.Column("audit_head", TEXT),
        sa.Column("finished_at", TEXT),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "assignments",
        sa.Column("reader", TEXT, nullable=False),
        sa.Column("case", TEXT, nullable=False),
        sa.Column("position", WHOLE, nullable=False),
        sa.Column("scan", TEXT, nullable=False),
        sa.Column("occasion", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("reader", "case"),
        sa.UniqueConstraint("reader", "scan", "occasion", name="assigned_once"),
    )
    op.create_table(
        "attempts",
        sa.Column("account_sha256", TEXT, nullable=False),
        sa.Column("address", TEXT, nullable=False),
        sa.Column("failures", WHOLE, nullable=False),
        sa.Column("failed_at", NUMBER, nullable=False),
        sa.Column("succeeded_at", NUMBER),
        sa.PrimaryKeyConstraint("account_sha256", "address"),
    )
    op.create_table(
        "audit",
        sa.Column("n", WHOLE, autoincrement=False, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("account", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("request", TEXT),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("key_id", TEXT),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("previous", TEXT, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_table(
        "components",
        sa.Column("patient", TEXT, nullable=False),
        sa.Column("day", WHOLE, nullable=False),
        sa.Column("component", TEXT, nullable=False),
        sa.Column("timepoint", TEXT),
        sa.Column("verdict", TEXT),
        sa.Column("longest_mm", NUMBER),
        sa.Column("sum_mm", NUMBER),
        sa.Column("marrow_percent", NUMBER),
        sa.Column("position", WHOLE),
        sa.Column("more", TEXT),
        sa.PrimaryKeyConstraint("patient", "day", "component"),
    )
    op.create_table(
        "events",
        sa.Column("patient", TEXT, nullable=False),
        sa.Column("day", WHOLE, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("skeletal", TEXT),
        sa.Column("regions", TEXT),
        sa.Column("cause", TEXT),
        sa.Column("position", WHOLE),
        sa.Column("more", TEXT),
        sa.PrimaryKeyConstraint("patient", "day", "kind"),
    )
    op.create_table(
        "grades",
        sa.Column("scan", TEXT, nullable=False),
        sa.Column("reader", TEXT, nullable=False),
        sa.Column("system", TEXT, nullable=False),
        sa.Column("segment", TEXT, nullable=False),
        sa.Column("grade", TEXT),
        sa.Column("occasion", TEXT, server_default="main", nullable=False),
        sa.Column("position", WHOLE),
        sa.Column("more", TEXT),
        sa.PrimaryKeyConstraint("scan", "reader", "system", "segment", "occasion"),
    )
    op.create_table(
        "identities",
        sa.Column("reader", TEXT, nullable=False),
        sa.Column("patient", TEXT, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("reader", "patient"),
    )
    op.create_table(
        "images",
        sa.Column("image", TEXT, nullable=False),
        sa.Column("scan", TEXT),
        sa.Column("kind", TEXT),
        sa.Column("view", TEXT),
        sa.Column("source", TEXT),
        sa.Column("sha256", TEXT),
        sa.Column("rows", WHOLE),
        sa.Column("columns", WHOLE),
        sa.Column("frames", WHOLE),
        sa.Column("spacing_mm", TEXT),
        sa.Column("position", WHOLE),
        sa.Column("more", TEXT),
        sa.PrimaryKeyConstraint("image"),
    )
    op.create_table(
        "marks",
        sa.Column("scan", TEXT, nullable=False),
        sa.Column("reader", TEXT, nullable=False),
        sa.Column("mark", TEXT, nullable=False),
        sa.Column("regions", TEXT),
        sa.Column("pattern", TEXT),
        sa.Column("extent", NUMBER),
        sa.Column("seen_on", TEXT),
        sa.Column("confidence", TEXT),
        sa.Column("site", TEXT),
        sa.Column("from_scan", TEXT),
        sa.Column("from_mark", TEXT),
        sa.Column("image", TEXT),
        sa.Column("view", TEXT),
        sa.Column("x_mm", NUMBER),
        sa.Column("y_mm", NUMBER),
        sa.Column("z_mm", NUMBER),
        sa.Column("occasion", TEXT, server_default="main", nullable=False),
        sa.Column("position", WHOLE),
        sa.Column("more", TEXT),
        sa.PrimaryKeyConstraint("scan", "reader", "mark", "occasion"),
    )
    op.create_table(
        "patient_keys",
        sa.Column("key_id", TEXT, nullable=False),
        sa.Column("patient", TEXT, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key_id"),
        sa.UniqueConstraint("patient"),
    )
    op.create_table(
        "patients",
        sa.Column("patient", TEXT, nullable=False),
        sa.Column("sex", TEXT),
        sa.Column("age_at_diagnosis_days", WHOLE),
        sa.Column("diagnosis_year", WHOLE),
        sa.Column("stage", TEXT),
        sa.Column("mycn", TEXT),
        sa.Column("vital_status", TEXT),
        sa.Column("last_contact_day", WHOLE),
        sa.Column("position", WHOLE),
        sa.Column("more", TEXT),
        sa.PrimaryKeyConstraint("patient"),
    )
    op.create_table(
        "reads",
        sa.Column("scan", TEXT, nullable=False),
        sa.Column("reader", TEXT, nullable=False),
        sa.Column("evaluable", TEXT),
        sa.Column("state", TEXT),
        sa.Column("read_order", WHOLE),
        sa.Column("seconds", NUMBER),
        sa.Column("comment", TEXT),
        sa.Column("occasion", TEXT, server_default="main", nullable=False),
        sa.Column("position", WHOLE),
        sa.Column("more", TEXT),
        sa.Column("version", WHOLE, server_default="1", nullable=False),
        sa.Column("signed_by", TEXT),
        sa.Column("signed_at", TEXT),
        sa.Column("content_sha256", TEXT),
        sa.PrimaryKeyConstraint("scan", "reader", "occasion"),
    )
    op.create_table(
        "revelations",
        sa.Column("reader", TEXT, nullable=False),
        sa.Column("scan", TEXT, nullable=False),
        sa.Column("seen", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("reader", "scan"),
    )
    op.create_table(
        "scans",
        sa.Column("scan", TEXT, nullable=False),
        sa.Column("patient", TEXT),
        sa.Column("day", WHOLE),
        sa.Column("timepoint", TEXT),
        sa.Column("tracer", TEXT),
        sa.Column("dicom_study_uid", TEXT),
        sa.Column("position", WHOLE),
        sa.Column("more", TEXT),
        sa.PrimaryKeyConstraint("scan"),
    )
    op.create_index("scans_patient", "scans", ["patient"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("token_sha256", TEXT, nullable=False),
        sa.Column("account", TEXT, nullable=False),
        sa.Column("csrf", TEXT, nullable=False),
        sa.Column("created_at", NUMBER, nullable=False),
        sa.Column("seen_at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("token_sha256"),
    )
    op.create_index(op.f("ix_sessions_account"), "sessions", ["account"], unique=False)
    op.create_table(
        "study",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("settings", TEXT, nullable=False),
        sa.Column("present", TEXT, nullable=False),
        sa.Column("unknown", TEXT, nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.CheckConstraint("id = 1", name="one_study"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "targets",
        sa.Column("patient", TEXT, nullable=False),
        sa.Column("target", TEXT, nullable=False),
        sa.Column("regions", TEXT),
        sa.Column("basis", TEXT),
        sa.Column("diameter_mm", NUMBER),
        sa.Column("irradiable", TEXT),
        sa.Column("reason", TEXT),
        sa.Column("dose_gy", NUMBER),
        sa.Column("fractions", WHOLE),
        sa.Column("start_day", WHOLE),
        sa.Column("end_day", WHOLE),
        sa.Column("position", WHOLE),
        sa.Column("more", TEXT),
        sa.PrimaryKeyConstraint("patient", "target"),
    )
    op.create_table(
        "treatments",
        sa.Column("patient", TEXT, nullable=False),
        sa.Column("phase", TEXT, nullable=False),
        sa.Column("start_day", WHOLE, nullable=False),
        sa.Column("end_day", WHOLE),
        sa.Column("regimen", TEXT),
        sa.Column("regions", TEXT),
        sa.Column("dose_gy", NUMBER),
        sa.Column("position", WHOLE),
        sa.Column("more", TEXT),
        sa.PrimaryKeyConstraint("patient", "phase", "start_day"),
    )

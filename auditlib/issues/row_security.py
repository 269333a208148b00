"""What a PostgreSQL login may see and write: row-level security by the person that the login belongs to.

A person of the register may carry a login (a database role). That login sees the issues of the own organisation and of
those beneath it; it adds events under its own name only, and only those that its role may add; it changes no event.
The owner of the tables stands above this, as a database's owner always does. Which step follows which state is judged
by auditlib, not here: what a login wrote past it shows in `check` as a state that the events do not tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..words.errors import RegisterError
from . import schema
from .events import PERSON, Kind
from .transitions import Transitions

if TYPE_CHECKING:
    from sqlalchemy import Connection

_ME = """
CREATE OR REPLACE FUNCTION auditlib_me(OUT person text, OUT role text, OUT org_code text) STABLE SECURITY DEFINER
SET search_path FROM CURRENT LANGUAGE sql AS $$
  SELECT substr(stream, {skip}), facts::json->>'role', s.org_code FROM auditlib_streams s
  WHERE family = 'person' AND state = 'active' AND facts::json->>'login' = session_user::text LIMIT 1
$$
"""
_COVERS = """
CREATE OR REPLACE FUNCTION auditlib_covers(code text) RETURNS boolean STABLE SECURITY DEFINER
SET search_path FROM CURRENT LANGUAGE sql AS $$
  WITH RECURSIVE up(org_code) AS (
    SELECT code UNION SELECT o.parent_code FROM auditlib_organisations o JOIN up ON o.org_code = up.org_code WHERE o.parent_code <> ''
  )
  SELECT coalesce((SELECT me.org_code = '' OR me.org_code IN (SELECT org_code FROM up) FROM auditlib_me() me), false)
$$
"""
# Streams that are no issues and no people (runs, draws, letters) tell of many organisations: for those who see all of them.
_SEES = """
CREATE OR REPLACE FUNCTION auditlib_sees(name text) RETURNS boolean STABLE SECURITY DEFINER
SET search_path FROM CURRENT LANGUAGE sql AS $$
  SELECT coalesce((
    SELECT CASE s.family WHEN 'issue' THEN auditlib_covers(s.org_code) WHEN 'person' THEN (SELECT person FROM auditlib_me()) IS NOT NULL
      ELSE (SELECT role FROM auditlib_me()) IN ('lead', 'auditor', 'department') END
    FROM auditlib_streams s WHERE s.stream = name), false)
$$
"""
# Whoever adds an event has to know the last one, even where it belongs to another village.
_LAST = """
CREATE OR REPLACE FUNCTION auditlib_last(OUT seq integer, OUT hash text) STABLE SECURITY DEFINER
SET search_path FROM CURRENT LANGUAGE sql AS $$
  SELECT e.seq, e.hash FROM auditlib_events e ORDER BY e.seq DESC LIMIT 1
$$
"""
# Which register it is, and whether it knows an event, may be asked by everybody who fills in a return form.
_HASHES = (
    """
CREATE OR REPLACE FUNCTION auditlib_hash_at(place integer) RETURNS text STABLE SECURITY DEFINER
SET search_path FROM CURRENT LANGUAGE sql AS $$ SELECT e.hash FROM auditlib_events e WHERE e.seq = place $$
""",
    """
CREATE OR REPLACE FUNCTION auditlib_holds(wanted text) RETURNS boolean STABLE SECURITY DEFINER
SET search_path FROM CURRENT LANGUAGE sql AS $$ SELECT EXISTS (SELECT 1 FROM auditlib_events e WHERE e.hash = wanted) $$
""",
)
# For which issues a file was shown is told to whoever verifies, whatever their scope: ids and names only, and only to who has the file.
_SHOWN = """
CREATE OR REPLACE FUNCTION auditlib_shown(wanted text) RETURNS TABLE (issue_id text, at text, actor text) STABLE SECURITY DEFINER
SET search_path FROM CURRENT LANGUAGE sql AS $$
  SELECT e.issue_id, e.at, e.actor FROM auditlib_events e
  WHERE e.kind = 'evidence' AND {sha256} = wanted
    AND (session_user = current_user OR (SELECT person FROM auditlib_me()) IS NOT NULL)
  ORDER BY e.seq
$$
"""
_MAY = """
CREATE OR REPLACE FUNCTION auditlib_may(step text, of_role text) RETURNS boolean IMMUTABLE LANGUAGE sql AS $$
  SELECT (step, of_role) IN ({pairs})
$$
"""
# A run is written by an auditor's login under the program's name; everything else under one's own.
_POLICIES = (
    "CREATE POLICY see ON auditlib_events FOR SELECT USING (auditlib_sees(issue_id))",
    """
    CREATE POLICY add ON auditlib_events FOR INSERT WITH CHECK (
      (SELECT (m.person = actor AND auditlib_may(kind, m.role)
                AND (auditlib_sees(issue_id) OR (kind = 'raised' AND auditlib_covers(payload::json->>'org_code'))
                     OR kind IN ('person_added', 'drawn', 'letter_sent'))
                AND (kind <> 'key_registered' OR issue_id = '{prefix}' || m.person OR m.role = 'lead'))
          OR (m.role IN ('lead', 'auditor') AND actor = 'auditlib'
              AND kind IN ('raised', 'seen', 'put_forward', 'reopened', 'run_taken_in'))
       FROM auditlib_me() m))
    """,
    "CREATE POLICY see ON auditlib_streams FOR SELECT USING (family <> 'issue' AND auditlib_sees(stream) OR auditlib_covers(org_code))",
    "CREATE POLICY add ON auditlib_streams FOR INSERT WITH CHECK ({writes})",
    "CREATE POLICY change ON auditlib_streams FOR UPDATE USING ({writes}) WITH CHECK ({writes})",
    """
    CREATE POLICY see ON auditlib_files FOR SELECT USING (added_by = session_user::text
      OR EXISTS (SELECT 1 FROM auditlib_streams s WHERE s.family = 'issue' AND position(sha256 IN s.facts) > 0))
    """,
    """
    CREATE POLICY add ON auditlib_files FOR INSERT
      WITH CHECK (added_by = session_user::text AND (SELECT person FROM auditlib_me()) IS NOT NULL)
    """,
)
_WRITES = """
CASE family WHEN 'issue' THEN auditlib_covers(org_code)
  WHEN 'person' THEN (SELECT m.role = 'lead' OR stream = '{prefix}' || m.person FROM auditlib_me() m)
  ELSE (SELECT m.role IN ('lead', 'auditor', 'department', 'township') FROM auditlib_me() m) END
"""
# What a login is granted; rows are chosen by the policies.
_TABLES = (
    "auditlib_events", "auditlib_streams", "auditlib_files", "auditlib_runs", "auditlib_organisations", "auditlib_schema",
    "auditlib_migrations",
)  # fmt: skip
_STEPS = ("INSERT ON auditlib_events, auditlib_streams, auditlib_files", "UPDATE ON auditlib_streams")
_OPEN = f"SELECT ON {', '.join(_TABLES)}"
_RUNS = ("INSERT ON auditlib_runs, auditlib_organisations", "DELETE ON auditlib_organisations")


def statements(transitions: Transitions) -> Iterator[str]:
    """Everything that a database needs; said again, it is the same. `transitions` is the county's table of steps."""
    pairs = [(kind, role) for kind, step in transitions.steps.items() for role in step.who]
    pairs += [(kind, role) for kind, roles in transitions.register.items() for role in roles]
    yield _ME.format(skip=len(PERSON) + 1)
    yield from (_COVERS, _SEES, _LAST, *_HASHES, _SHOWN.format(sha256=schema.SHA256_OF["postgresql"]))
    yield _MAY.format(pairs=", ".join(f"('{Kind(kind)}', '{role}')" for kind, role in pairs))
    for table in ("auditlib_events", "auditlib_streams", "auditlib_files"):
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    writes = _WRITES.format(prefix=PERSON)
    for policy in _POLICIES:
        _, _, name, _, table, *_ = policy.split()
        yield f"DROP POLICY IF EXISTS {name} ON {table}"
        yield policy.format(prefix=PERSON, writes=writes)


def secure(connection: Connection, transitions: Transitions) -> None:
    """Puts the policies on the tables of a PostgreSQL register. The owner of the tables calls it."""
    for statement in statements(transitions):
        connection.exec_driver_sql(statement)


def grant(connection: Connection, login: str, role: str) -> None:
    """Lets the database role `login` do what `role` may, as far as the policies go, and no more than that.

    What the login could do in an earlier role is taken back first. The owner of the tables calls it.
    """
    revoke(connection, login)
    name = _quoted(login)
    rights = (_OPEN,) if role == "reader" else (_OPEN, *_STEPS, *(_RUNS if role in ("lead", "auditor") else ()))
    for right in rights:
        connection.exec_driver_sql(f"GRANT {right} TO {name}")


def revoke(connection: Connection, login: str) -> None:
    """Takes every right on the register from the database role `login`; one that is no longer there has none.

    Raises RegisterError where rights stay: only the owner of the tables can take them, and a superuser has them always.
    """
    if not connection.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = %s", (login,)).first():
        return
    for table in _TABLES:
        connection.exec_driver_sql(f"REVOKE ALL ON {table} FROM {_quoted(login)}")
    stays = "SELECT bool_or(has_table_privilege(%s, t, 'SELECT, INSERT, UPDATE, DELETE')) FROM unnest(%s::text[]) AS t"
    if connection.exec_driver_sql(stays, (login, list(_TABLES))).scalar():
        raise RegisterError.of("issues.error.rights_stay", login=login)


def _quoted(login: str) -> str:
    return '"' + login.replace('"', '""') + '"'


def sees_all(connection: Connection, last_seq: int) -> bool:
    """Whether this login sees every event, so that it can judge the chain."""
    count = connection.exec_driver_sql("SELECT count(*) FROM auditlib_events").scalar_one()
    return bool(count == last_seq)

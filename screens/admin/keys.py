"""The actions of the administrator's screens."""

from __future__ import annotations

from widgets.keys import KeyAction

FIND = KeyAction("records.find", "slash", "filter", "Narrow the list as you type", "find")
NEW = KeyAction("records.new", "n", "new", "Enter a new one", "new")
EDIT = KeyAction("records.edit", "e", "edit", "Change the one under the cursor", "edit")
SWITCH = KeyAction(
    "records.switch",
    "x",
    "on/off",
    "Deactivate the one under the cursor, or activate it again (asks)",
    "switch",
)
DELETE = KeyAction(
    "records.delete", "delete", "delete", "Delete the one under the cursor (asks)", "delete"
)
ORDER = KeyAction("records.order", "s", "order", "Order the list by the next column", "order")
TURN = KeyAction("records.turn", "S", "turn round", "Turn the order round", "turn_round")
COLUMNS = KeyAction("records.columns", "c", "columns", "Choose the columns", "columns")
EXPORT = KeyAction(
    "records.export", "E", "CSV", "Save all that the filter lets through as CSV", "export"
)
ALL = KeyAction("records.all", "a", "all", "Show the deactivated or past ones too, or not", "all")

MARK = KeyAction("records.mark", "space", "mark", "Mark the row, to act on all marked", "mark")
ROWS = KeyAction(
    "records.rows", "number_sign", "rows", "Mark rows by number: 3-7 or 3,5-7, or all", "rows"
)

DEPARTMENT = KeyAction(
    "doctors.department", "d", "department", "Doctors of one department, or of all", "department"
)
HOURS = KeyAction("doctors.hours", "w", "hours", "Working hours of the doctor", "hours")
COPY_DAY = KeyAction(
    "hours.copy",
    "c",
    "copy day",
    "Let other days take the hours of the day under the cursor",
    "copy_day",
)
LEAVE = KeyAction("doctors.leave", "v", "leave", "Leave of the doctor", "leave")

SHOWN = KeyAction(
    "columns.toggle", "space", "show or not", "Show the column, or not", "show_or_not"
)
USUAL = KeyAction("columns.usual", "u", "as usual", "Show the usual columns again", "usual")
TAKE = KeyAction("columns.take", "enter", "take these", "Take these columns", "take")

OF_DEPARTMENT = KeyAction(
    "departments.record", "o", "records", "The medical records of the department", "records"
)
HISTORY = KeyAction(
    "patients.history", "o", "history", "All that was written of the patient (audited)", "history"
)
MAIL_RECORDS = KeyAction(
    "patients.mail-records", "m", "mail records", "Send the records to the patient", "mail_records"
)

STATUS = KeyAction(
    "appointments.status", "e", "status", "What becomes of the appointment", "status"
)
WITHDRAW = KeyAction(
    "appointments.cancel", "x", "cancel", "Cancel the appointment (asks)", "withdraw"
)
RECORD = KeyAction(
    "appointments.record", "o", "record", "What was written of the visit (audited)", "record"
)
MOVE = KeyAction("appointments.move", "m", "move", "Move the appointment to another time", "move")
STEP_BACK = KeyAction("appointments.undo", "u", "undo", "Take the last step back", "step_back")

IMPORT = KeyAction(
    "holidays.import", "i", "import", "Enter a country's public holidays of a year", "import_year"
)

SIGN_INS = KeyAction("users.sign-ins", "i", "sign-ins", "Where it is signed in", "sign_ins")
UNLOCK = KeyAction(
    "users.unlock", "U", "unlock", "Forget wrong passwords, so that it may try at once", "unlock"
)
RESET = KeyAction("users.password", "p", "reset", "A one-time code for a new password", "reset")
RESET_BY_MAIL = KeyAction(
    "users.password-mail", "P", "reset, mail", "The code by mail to its address", "reset_by_mail"
)
RESET_TOTP = KeyAction(
    "users.reset-totp", "T", "no 2nd factor", "Take the second factor away (asks)", "reset_totp"
)
END_ONE = KeyAction("sign-ins.end", "x", "end", "End the sign-in under the cursor", "end_one")
END_ALL = KeyAction("sign-ins.end-all", "X", "end all", "End all of them", "end_all")

VERIFY = KeyAction("audit.verify", "v", "verify", "Look whether anything was altered", "verify")

ANCHOR = KeyAction(
    "audit.anchor", "A", "anchor", "The newest entry, to be kept on another machine", "anchor"
)
WHO_SAW = KeyAction(
    "audit.who-saw", "w", "who saw", "Who read or changed anything of a patient", "who_saw"
)

TAKE_BACKUP = KeyAction("backups.new", "n", "take one", "Take a backup now (asks)", "take")
CHECK_BACKUP = KeyAction(
    "backups.check", "v", "check", "Look through the backup, as a restore would first", "check"
)

RETRY = KeyAction("mail.retry", "t", "try again", "Try to send the message again", "retry")
DISCARD = KeyAction("mail.discard", "x", "discard", "Never send the message (asks)", "discard")
PREVIEW = KeyAction("mail.preview", "v", "view", "The text of the message", "preview")

ACTIONS: tuple[KeyAction, ...] = (
    FIND,
    NEW,
    EDIT,
    SWITCH,
    DELETE,
    ORDER,
    TURN,
    COLUMNS,
    EXPORT,
    ALL,
    MARK,
    ROWS,
    DEPARTMENT,
    HOURS,
    COPY_DAY,
    LEAVE,
    SHOWN,
    USUAL,
    TAKE,
    OF_DEPARTMENT,
    HISTORY,
    MAIL_RECORDS,
    STATUS,
    WITHDRAW,
    RECORD,
    MOVE,
    STEP_BACK,
    IMPORT,
    SIGN_INS,
    UNLOCK,
    RESET,
    RESET_BY_MAIL,
    RESET_TOTP,
    END_ONE,
    END_ALL,
    VERIFY,
    ANCHOR,
    WHO_SAW,
    TAKE_BACKUP,
    CHECK_BACKUP,
    RETRY,
    DISCARD,
    PREVIEW,
)
"""All of them, in the order of help."""

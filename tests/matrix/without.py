"""Functions that ask for no permission by design, and who may call them then."""

from __future__ import annotations

BUILDING_BLOCKS = {
    "store.account_rows": "rows behind accounts, doctors and patients, whose rules have asked",
    "store.patient_rows": "rows behind patients and registration, whose rules have asked",
    "store.apart.pairs": "the pairs that a list of likely doubles leaves out, which has asked",
    "store.merge_rows": "moves what belongs to a patient for a merge, which has asked",
    "store.merge_parts": "leaves one of two accounts, places and allergies for a merge",
    "store.patients.numbered": "the id that a reference names, for rules that ask about it",
    "store.record_rows": "rows behind records and prescriptions, whose rules have asked",
    "store.appointment_views": "reads whatever conditions it is given; own_only is one of them",
    "store.booking_checks": "the conditions of a booking, asked by rules that have decided on it",
    "store.consequences": "does to appointments what a rule on leave, hours or a doctor decided",
    "store.hold_rows": "rows behind holds, for rules that book, end sessions or show slots",
    "store.listing.paging": "reads the rows of a list that was allowed",
    "store.listing.resolve": "finds whom the filter of a list means, which has asked",
    "store.doctors.doctor_view": "a row as it leaves the store, for rules that have asked",
    "store.leave.leave_view": "a row as it leaves the store, for rules that have asked",
    "store.audit.entry_view": "a row as it leaves the store, for rules that have asked",
    "store.outbox.message_view": "a row as it leaves the store, for rules that have asked",
    "store.outbox.stored": "a row of the table, for rules that have asked",
    "store.moves": "takes a move for a rule; fetch_for asks for the permission of the move",
    "store.tokens": "draws and voids the token of a move that was allowed",
    "store.counters": "draws a number for the row that a rule makes",
    "store.mrn": "draws a patient number for the row that a rule makes",
    "store.cache": "keeps what an allowed reading counted, under the key of who may count it",
    "store.key_ranges": "reads the ranges of the finder's index that an allowed search asks for",
    "store.near_words": "reads words that occur in names for an allowed search",
    "store.uniqueness": "turns a refused duplicate into a sentence",
    "store.one_time_codes.require_good": "a condition of signing in, before anybody is somebody",
    "store.exchange.ids": "draws ids for rows that an import makes",
    "store.exchange.bulk": "judges and writes the rows of an import, which has asked",
    "store.exchange.people.register_all": "puts in the patients of an import, which has asked",
    "store.exchange.history.overlapping": "looks for whom an import's appointments meet",
    "store.totp": "looks at codes and secrets for rules that have asked",
    "store.signing_in.own_account": "the row of who acts, for rules that have asked",
    "store.attempts": "counts passwords, before anybody is somebody",
    "store.sign_in_check": "is itself what each unit of work asks first",
    "store.permissions": "is itself the asking",
    "store.reminder_times": "computes moments and reads nothing",
    "store.report_times": "computes moments and reads nothing",
    "store.demo.history": "fills the demo hospital, which has nobody's data",
    "store.new_visits.insert": "puts in the row of a booking that was allowed",
    "store.appointments.replace": "moves what a rule decided to move",
    "store.appointments.of_request": "finds what an allowed booking made before",
    "store.appointments.own_only": "is itself what narrows a list",
    "store.appointments.tell": "owes the mail of a change that was allowed",
    "store.availability.doctors_of": "numbers of doctors, which everybody may list",
    "store.availability.read_plan": "reads the time of doctors for slots and checks",
    "store.calendar.holiday_names": "which days are holidays, which everybody may list",
    "store.job_runs.note": "writes down the run of a rule that has asked",
    "store.job_runs.take_turn": "queues a rule that has asked",
    "store.day_close.moment_of": "computes a moment and reads nothing",
    "store.file_check.next_moment": "computes a moment and reads nothing",
    "store.day_close.next_moment": "computes a moment and reads nothing",
    "store.job_runs.noted": "tells that rule whether the run is written down",
    "store.formulary.of_hospital": "names no patient; warnings, which have asked, go by it",
    "store.archive_passwords": "derives a password for rules that have asked",
    "store.notices.tell_of_a_new_place": "owes a notice of a sign-in from elsewhere",
    "store.notices.tell": "owes a notice of what was done with an account",
    "store.notices.about_account": "reads what a notice is written from, for rules that have asked",
    "store.patient_file.owe": "owes the mail with records for rules that have asked",
    "store.outbox.enqueue": "owes the mail of a change that was allowed",
    "store.calendar_entries.entries": "names the calendar entries of what a rule has read",
    "store.mail_limits": "counts mail for a delivery that was allowed",
    "store.refused_addresses": "keeps marks for deliveries and changes that were allowed",
    "store.outbox.insert_once": "is a piece of a statement",
    "store.outbox.new_row": "is a piece of a statement",
    "store.availability.read_slots": "reads the time of doctors for a rule",
    "store.offers": "offers what came free, for the unit of work that gave it back",
    "store.wishes": "reads who waits for what, for the rules that offer",
    "store.waitlist_rows": "rows behind the waiting list; seen_by and own_only ask themselves",
    "store.prescriptions.require_answers": "a condition of signing, which has asked",
}
"""A module, with all that is in it, or a function, and the reason."""

MAKES_THE_DEMO = {"store.demo.build.build": "chikitsa_tui/demo.py"}
"""What acts as the program itself on a hospital that it has just made, and its only caller."""

WORKER_ONLY = (
    "store.dispatch",
    "store.letter_facts",
    "store.reminders",
    "store.report_mail",
    "store.job_runs",
    "store.day_close",
)
"""What delivers mail and plans work; screens have no business with it."""


def is_building_block(function: str) -> bool:
    """Whether the function stands on the list, by itself or with its module."""
    return function in BUILDING_BLOCKS or function.rpartition(".")[0] in BUILDING_BLOCKS

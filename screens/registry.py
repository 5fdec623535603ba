"""Which tabs each role has. A tab is one line here: its title, and where its screen is.

Screens are named by text, since importing one imports the rules of the store it asks, and that is
done behind the sign-in screen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

from screens.base import RoleScreen
from screens.context import ScreenContext
from store.values import Role


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of a role; `place` is `module:class` of a RoleScreen."""

    title: str
    place: str

    def load(self) -> Callable[[ScreenContext, int], RoleScreen]:
        """Import the screen's class. Blocking; call it in the pool."""
        module, _, name = self.place.partition(":")
        screen: Callable[[ScreenContext, int], RoleScreen] = getattr(import_module(module), name)
        return screen


TABS: Mapping[Role, tuple[Tab, ...]] = {
    Role.RECEPTION: (
        Tab("Desk", "screens.reception.desk:DeskScreen"),
        Tab("Waiting list", "screens.reception.waitlist:WaitlistScreen"),
    ),
    Role.DOCTOR: (
        Tab("Today", "screens.doctor.today:TodayScreen"),
        Tab("Calendar", "screens.doctor.calendar:CalendarScreen"),
        Tab("Patients", "screens.doctor.patients:PatientsScreen"),
        Tab("Appointments", "screens.doctor.appointments:AppointmentsScreen"),
        Tab("Records", "screens.doctor.records:RecordsScreen"),
    ),
    Role.PATIENT: (
        Tab("Home", "screens.patient.home:HomeScreen"),
        Tab("Book", "screens.patient.book:BookScreen"),
        Tab("My records", "screens.patient.records:RecordsScreen"),
    ),
    # The first nine have a digit; 0 shows all.
    Role.ADMIN: (
        Tab("Dashboard", "screens.admin.dashboard:DashboardScreen"),
        Tab("Desk", "screens.reception.desk:DeskScreen"),
        Tab("Patients", "screens.admin.patients:PatientsScreen"),
        Tab("Appointments", "screens.admin.appointments:AppointmentsScreen"),
        Tab("Doctors", "screens.admin.doctors:DoctorsScreen"),
        Tab("Departments", "screens.admin.departments:DepartmentsScreen"),
        Tab("Users", "screens.admin.users:UsersScreen"),
        Tab("Mail", "screens.admin.mail:MailScreen"),
        Tab("Audit", "screens.admin.audit:AuditScreen"),
        Tab("Records", "screens.admin.records:RecordsScreen"),
        Tab("Leave", "screens.admin.all_leave:AllLeaveScreen"),
        Tab("Holidays", "screens.admin.holidays:HolidaysScreen"),
        Tab("Waiting list", "screens.reception.waitlist:WaitlistScreen"),
        Tab("Backups", "screens.admin.backups:BackupsScreen"),
    ),
}

"""Mail, reminders and everything else that runs behind the screens."""

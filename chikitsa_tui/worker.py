"""The worker: what runs the queue, reminds patients and sends the outbox."""

from __future__ import annotations

from chikitsa_tui import logs
from chikitsa_tui.bootstrap import Services


def run(services: Services, workers: int) -> None:
    """Work until a signal ends it (SIGINT, SIGTERM, SIGHUP).

    Raises:
        WrongConfiguration, Unavailable: the hospital or the queue cannot be opened, or the
            hospital's file is damaged.
    """
    from jobs import queue, worker
    from store import file_check
    from store.actors import system

    logs.start(services.settings.log, services.configuration.folder, "worker")
    store, bell = services.store, services.queue
    file_check.look(store, system("worker"))
    queue.check(bell)
    worker.run(store, bell, services.mailer, workers)

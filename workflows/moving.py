"""When a run goes on in a new one, and on which build.

A run stays on the build of the worker that began it (Worker Deployment Versioning, pinned); only a
new run can be on another one. So a case moves where its history has grown long, and where another
build has become the current one: with its next task, and while none of its messages is on its way.
"""

from typing import Final

from temporalio.workflow import ContinueAsNewVersioningBehavior, Info

TO_THE_NEW_BUILD: Final = ContinueAsNewVersioningBehavior.AUTO_UPGRADE
"""The new run begins on the build that is current then, and stays there; without versions it means
nothing."""


def is_time_to_move(info: Info, settled: bool) -> bool:
    """Whether a run should go on in a new one.

    For the sake of another build only a run that has `settled`, with a task behind it: where the
    server finds no build to its liking, a run would otherwise begin again and again at once.
    """
    other_build = settled and info.is_target_worker_deployment_version_changed()
    return info.is_continue_as_new_suggested() or other_build

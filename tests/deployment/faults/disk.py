"""A server whose disk is full for a while."""

import asyncio
import subprocess
from datetime import timedelta
from pathlib import Path

from escalations.client import EscalationClient
from escalations.errors import Unreachable
from escalations.temporal import connect
from tests.deployment.faults.site import Site
from tests.deployment.kills.scene import Stage

SIZE = "24m"
TELLS_WITHIN = timedelta(seconds=20)
MANY = 1_000


def permitted(folder: Path) -> str | None:
    """Why no small disk can be had here, if none can."""
    disk = folder / "tried"
    disk.mkdir()
    try:
        said = _mount(disk)
    except FileNotFoundError:
        return "there is no `mount` here"
    if said is None:
        _unmount(disk)
    disk.rmdir()
    return said


def _mount(disk: Path) -> str | None:
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(disk)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else done.stderr.strip()


def _unmount(disk: Path) -> None:
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


class SmallDisk(Site):
    """A site whose server has its file on a disk of a few megabytes."""

    def __init__(self, folder: Path, smtp_url: str) -> None:
        self.disk = folder / "disk"
        self.disk.mkdir()
        super().__init__(folder, smtp_url, database=self.disk / "cases.db")

    async def run(self) -> None:
        """As every site, on that disk."""
        assert (said := await asyncio.to_thread(_mount, self.disk)) is None, said
        try:
            await super().run()
        finally:
            await asyncio.to_thread(_unmount, self.disk)


async def full(stage: Stage[SmallDisk]) -> None:
    """The disk is filled to the last byte; when a caller has been told, there is room again."""
    site = stage.place
    await stage.all_seen()
    stage.strike("disk full")
    ballast = site.disk / "ballast"
    await asyncio.to_thread(_fill, ballast)
    case = next(mail.case for mail in stage.box.mails if mail.case.endswith("-waiting"))
    client = EscalationClient(await connect(address=site.address), answer_within=TELLS_WITHIN)
    try:
        assert await _refused(client, case), "the disk is full, and every note was accepted"
    finally:
        ballast.unlink()
    await stage.looked.wait()


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


async def _refused(client: EscalationClient, case: str) -> bool:
    """Whether in the end a note is refused; in the server's own files some room was left."""
    for _ in range(MANY):
        try:
            await client.add_note(case, by="Filler", text="The disk is full.")
        except Unreachable:
            return True
    return False

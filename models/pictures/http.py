"""Picture servers over HTTP: how they are asked, and what their bytes must be."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from ...errors import AnswerError
from ...settings import Settings
from ..http import HttpServer, Limits
from ..loop import on_model_loop
from ..pixels import UnreadablePictureError, size_of_whole
from .generator import Draw, Picture


class PictureServer(HttpServer):
    """A server that draws, asked as the settings say."""

    def __init__(self, where: str, settings: Settings, url: str = "") -> None:
        limits = Limits(
            settings.generator_timeout,
            settings.generator_retries,
            settings.generator_concurrency,
            "GEMS_GENERATOR",
        )
        super().__init__(where, limits, url)


async def draw_all(draws: Sequence[Draw], draw: Callable[[Draw], Awaitable[Picture]]) -> list[Picture]:
    """Every one of ``draws`` at once, on the model loop; the first failure cancels the others."""

    async def all_of_them() -> list[Picture]:
        tasks = [asyncio.ensure_future(draw(one)) for one in draws]
        try:
            return list(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    return await on_model_loop(all_of_them())


async def as_picture(data: bytes, draw: Draw, where: str) -> Picture:
    """``data`` as the picture of ``draw``, if it came whole.

    Raises:
        AnswerError: the bytes are no whole picture.
    """
    try:
        width, height = await asyncio.to_thread(size_of_whole, data)
    except UnreadablePictureError as exc:
        raise AnswerError(f"{where} sent {len(data)} bytes that are no picture: {exc}") from exc
    return Picture(data, draw.seed, size_notes(draw, width, height))


def size_notes(draw: Draw, width: int, height: int) -> tuple[str, ...]:
    """What to say of a picture of that size: something where another one was asked for."""
    asked = (draw.width or width, draw.height or height)
    if asked == (width, height):
        return ()
    wanted = f"{draw.width or 'any'}x{draw.height or 'any'}"
    return (f"the server drew {width}x{height} pixels where {wanted} was asked for",)

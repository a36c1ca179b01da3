"""A process forked after pictures were drawn draws on its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")

PREAMBLE = f"""
import asyncio, os, sys, threading, time
sys.path.insert(0, {str(Path(__file__).parent)!r})

def in_child(work):
    '''Whether work returns in a forked child, within a minute.'''
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status == 0
        time.sleep(0.02)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return False
"""
FAKE = """
from gems.models.pictures.diffusers.worker import Request, Worker
from gems.models.pictures.generator import Draw, Picture

begun, go_on = threading.Event(), threading.Event()
parent = os.getpid()

def draw_batch(draws, on_step):
    begun.set()
    if os.getpid() == parent:
        go_on.wait()
    return [Picture(b"drawn", draw.seed) for draw in draws]

worker = Worker("test", lambda: 4, draw_batch)
running, queued = Request([Draw("a", 1)], None), Request([Draw("b", 2)], None)
worker.submit(running)
begun.wait()
worker.submit(queued)

def draw():
    own = Request([Draw("c", 3)], None)
    worker.submit(own)
    assert own.jobs[0].future.result(30).seed == 3
    # What the parent waits for is the parent's.
    assert not queued.jobs[0].future.done()

# The fork comes at the worst moment: the thread draws, and somebody holds the lock.
with worker._lock:
    assert in_child(draw)
go_on.set()
assert queued.jobs[0].future.result(30).seed == 2
"""
TINY = """
import torch, tiny_pipelines
from gems.models.pictures.diffusers.adapter import DiffusersGenerator
from gems.models.pictures.generator import Draw
from gems.models.pictures.presets import Preset
from gems.settings import Settings

torch.set_num_threads(2)
preset = Preset(size=(64, 64), steps=2, guidance=2.0, call={"max_sequence_length": 64})
generator = DiffusersGenerator(
    pipeline=tiny_pipelines.z_image(), settings=Settings(), preset=preset
)
asyncio.run(generator.draw([Draw("a cat", 1)]))

def draw():
    threads = []
    count = lambda done, total: threads.append(torch.get_num_threads())
    assert len(asyncio.run(generator.draw([Draw("a cat", 1), Draw("a dog", 2)], count))) == 2
    assert threads == [1, 1]

async def fork_while_drawing():
    drawing = asyncio.ensure_future(generator.draw([Draw("a cat", seed) for seed in range(8)]))
    await asyncio.sleep(0.02)
    good = in_child(draw_in_another_thread)
    assert len(await drawing) == 8
    return good

def draw_in_another_thread():
    # This one's event loop is the parent's, caught in the middle of running.
    finished = []
    thread = threading.Thread(target=lambda: (draw(), finished.append(0)))
    thread.start()
    thread.join()
    assert finished == [0]

assert in_child(draw)
assert asyncio.run(fork_while_drawing())
assert torch.get_num_threads() == 2
generator.close()
"""


@pytest.mark.parametrize("script", [FAKE, TINY], ids=["fake", "tiny"])
def test_a_forked_child_draws_and_its_parent_goes_on(script: str) -> None:
    command = [sys.executable, "-W", "ignore", "-c", PREAMBLE + script]
    done = subprocess.run(command, check=False, timeout=110, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

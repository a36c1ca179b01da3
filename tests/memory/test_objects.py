"""Objects, and pictures kept as objects: what a folder promises, and a store with the S3 API."""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gems.errors import InputError, StorageError
from gems.memory import s3
from gems.memory.images import ImageStore, Provenance, key_of, open_images
from gems.memory.objects import FolderObjects, Objects
from gems.memory.s3 import S3Objects
from gems.settings import Settings
from object_store import ObjectStore, object_keys, object_store
from PIL import Image

__all__ = ["object_keys", "object_store"]
pytestmark = pytest.mark.usefixtures("object_keys")
MADE = Provenance("a cat", 7, "fake", "mine", 1)


def picture(colour: str = "red") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(params=["folder", "s3"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    if request.param == "folder":
        return FolderObjects(tmp_path / "objects")
    store: ObjectStore = request.getfixturevalue("object_store")
    return S3Objects(store.new_place(), store.url)


def test_what_is_stored_is_found_until_it_is_deleted(objects: Objects) -> None:
    assert objects.get("ab/c.png") is None and not objects.has("ab/c.png")
    objects.put("ab/c.png", b"1234")
    objects.put("ab/c.png", b"1234")
    assert objects.get("ab/c.png") == b"1234" and objects.has("ab/c.png")
    objects.remove("ab/c.png")
    objects.remove("ab/c.png")
    assert objects.get("ab/c.png") is None and not objects.has("ab/c.png")


def test_what_lies_directly_below_a_folder_is_listed(objects: Objects) -> None:
    for key in ("uses/a/y%2F1", "uses/a/x", "uses/ab/z", "uses/a/more/w", "b"):
        objects.put(key, b"")
    assert objects.below("uses/a") == ["x", "y%2F1"]
    assert objects.below("nothing") == []


@pytest.mark.slow
def test_a_long_list_is_whole(objects: Objects) -> None:
    if isinstance(objects, S3Objects):
        for number in range(1005):
            objects._opened().put_object(Bucket=objects._bucket, Key=f"pictures/many/{number:04}")
    else:
        for number in range(1005):
            objects.put(f"many/{number:04}", b"")
    assert objects.below("many") == [f"{number:04}" for number in range(1005)]


class Machines:
    """Image stores as on machines of their own, with one store between them, or one machine alone."""

    def __init__(self, folder: Path, shared: Callable[[], Objects | None]) -> None:
        self._folder, self._shared, self._count = folder, shared, 0

    def another(self) -> ImageStore:
        shared = self._shared()
        self._count += shared is not None
        return ImageStore(self._folder / f"home-{self._count}", shared)


@pytest.fixture(params=["files", "shared"])
def machines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machines]:
    if request.param == "files":
        yield Machines(tmp_path, lambda: None)
        return
    store: ObjectStore = request.getfixturevalue("object_store")
    place = store.new_place()
    yield Machines(tmp_path, lambda: S3Objects(place, store.url))


def test_another_machine_finds_a_picture_by_reference_path_and_hash(machines: Machines) -> None:
    mine, yours = machines.another(), machines.another()
    ref = mine.put(picture(), MADE)
    drawn = mine.path(ref).read_bytes()
    assert yours.fetch(ref).read_bytes() == drawn
    assert machines.another().locate(f"/elsewhere/images/{ref['path']}").read_bytes() == drawn
    found = machines.another().find(ref["sha256"])
    assert found is not None and found.read_bytes() == drawn
    assert yours.find("0" * 64) is None
    assert str(yours.locate("/elsewhere/x.png")) == "/elsewhere/x.png"


def test_a_picture_goes_with_the_last_thread_that_uses_it(machines: Machines) -> None:
    mine, yours = machines.another(), machines.another()
    ref = mine.put(picture(), MADE)
    yours.uses.add(ref["sha256"], "a/fork")
    assert sorted(mine.uses.of(ref["sha256"])) == ["a/fork", "mine"]
    assert not yours.discard(ref["sha256"], "stranger")
    assert not yours.discard(ref["sha256"], "mine")
    assert mine.find(ref["sha256"]) is not None
    assert mine.discard(ref["sha256"], "a/fork")
    assert yours.find(ref["sha256"]) is None and machines.another().find(ref["sha256"]) is None
    assert mine.uses.of(ref["sha256"]) == []


def test_a_reference_that_two_conversations_show_stays_for_the_second(machines: Machines) -> None:
    mine, made = machines.another(), Provenance("", 0, "reference", None, 0)
    [ref, _] = [mine.put(picture(), made, user=thread) for thread in ("one", "two")]
    assert not mine.discard(ref["sha256"], "one") and mine.find(ref["sha256"]) is not None
    assert mine.discard(ref["sha256"], "two")


def test_a_picture_of_an_earlier_version_goes_with_its_drawer_alone(tmp_path: Path) -> None:
    images = ImageStore(tmp_path)
    ref = images.put(picture(), MADE)
    images.uses.drop(ref["sha256"], "mine")
    assert not images.discard(ref["sha256"], "another") and images.find(ref["sha256"])
    assert images.discard(ref["sha256"], "mine") and not images.path(ref).exists()


def test_a_picture_that_was_spoilt_in_the_store_is_not_given_out(
    object_store: ObjectStore, tmp_path: Path
) -> None:
    shared = S3Objects(object_store.new_place(), object_store.url)
    ref = ImageStore(tmp_path / "mine", shared).put(picture(), MADE)
    shared.put(key_of(ref["sha256"]), picture("blue"))
    with pytest.raises(StorageError, match="is not what was stored"):
        ImageStore(tmp_path / "yours", shared).fetch(ref)


def test_old_copies_of_what_the_store_has_go_and_come_back(
    object_store: ObjectStore, tmp_path: Path
) -> None:
    alone = ImageStore(tmp_path).put(picture("blue"), MADE)
    images = ImageStore(tmp_path, S3Objects(object_store.new_place(), object_store.url))
    ref = images.put(picture(), MADE)
    images.forget_copies(time.time() - 60)
    assert images.path(ref).exists()
    images.forget_copies(time.time() + 60)
    assert not images.path(ref).exists() and images.path(alone).exists()
    assert images.fetch(ref).exists()
    ImageStore(tmp_path).forget_copies(time.time() + 60)
    assert images.path(ref).exists()


def test_a_picture_drawn_before_there_was_a_store_is_still_found(
    object_store: ObjectStore, tmp_path: Path
) -> None:
    before = ImageStore(tmp_path).put(picture(), MADE)
    now = ImageStore(tmp_path, S3Objects(object_store.new_place(), object_store.url))
    assert now.fetch(before).exists() and now.locate(str(now.path(before))).exists()


class TestWrongSettings:
    @pytest.mark.parametrize(
        "place", ["bucket", "s3:/bucket", "s3://", "http://x/y", "s3://Bucket/x", "s3://ab/c d"]
    )
    def test_a_place_that_is_none_is_named(self, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
        from gems.settings import load_settings

        monkeypatch.setenv("GEMS_OBJECTS", place)
        with pytest.raises(InputError, match="GEMS_OBJECTS has the value .*s3://BUCKET"):
            load_settings()

    @pytest.mark.parametrize(
        ("change", "advice"),
        [
            (lambda place, url: (place.replace("gems-", "none-"), url), "create the bucket"),
            (lambda place, url: (place, "http://127.0.0.1:1"), "is GEMS_OBJECTS_URL its address"),
        ],
    )
    def test_a_store_that_cannot_be_used_is_told_in_a_line(
        self,
        object_store: ObjectStore,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        change: Callable[[str, str], tuple[str, str]],
        advice: str,
    ) -> None:
        monkeypatch.setattr(s3, "AWAY_SECONDS", 0.0)
        place, url = change(object_store.new_place(), object_store.url)
        images = open_images(Settings(home=tmp_path, objects=place, objects_url=url))
        with pytest.raises(StorageError) as raised:
            images.put(picture(), MADE)
        said = str(raised.value)
        assert advice in said and place in said and "\n" not in said and "the-tests-secret" not in said

    def test_without_keys_it_says_which(
        self, object_store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        monkeypatch.setenv("HOME", str(tmp_path))
        images = open_images(
            Settings(home=tmp_path, objects=object_store.new_place(), objects_url=object_store.url)
        )
        with pytest.raises(StorageError, match="set AWS_ACCESS_KEY_ID"):
            images.put(picture(), MADE)

    def test_without_boto3_it_says_what_to_install(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(__import__("sys").modules, "boto3", None)
        with pytest.raises(InputError, match=r"pip install 'gems-agent\[s3\]'"):
            open_images(Settings(home=tmp_path, objects="s3://bucket"))


def test_a_store_that_is_away_for_a_moment_is_waited_for(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    answers = iter([ConnectionError, ConnectionError, None])

    def attempt() -> str:
        from botocore.exceptions import EndpointConnectionError

        if next(answers):
            raise EndpointConnectionError(endpoint_url=url)
        return "there"

    assert S3Objects("s3://bucket", url)._retried(attempt) == "there"

"""The command line: parses arguments, renders events, turns errors into one line and an exit code."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional, cast

import typer

from .command import Json, Thread, one_line_errors
from .eval_commands import eval_app
from .prune_command import prune
from .run_command import run
from .server_commands import keys_app, serve, ui
from .skills_commands import skills_app

if TYPE_CHECKING:
    from ..graphs.streams import RunStream

app = typer.Typer(
    name="gems",
    help="Agents that draw a picture, look at it, and draw it again until it is right.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(run)
app.command()(serve)
app.command()(prune)
app.command()(ui)
app.add_typer(eval_app, name="eval")
app.add_typer(keys_app, name="keys")
app.add_typer(skills_app, name="skills")


def version_wanted(wanted: bool) -> None:
    """Prints the version and ends the command before anything else of it is read."""
    if wanted:
        from ..memory.images import gems_version

        print(gems_version())
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool,
        typer.Option("--version", callback=version_wanted, is_eager=True, help="Print it and exit."),
    ] = False,
) -> None:
    """Settings come from GEMS_* environment variables; `gems doctor` shows them."""
    from .output import prepare_streams

    prepare_streams()


@app.command()
def generate(
    prompt: Annotated[str, typer.Argument(help="What to draw, in your own words.")],
    out: Annotated[
        Optional[Path], typer.Option(help="Folder to copy the best picture to, as THREAD.png.")
    ] = None,
    rounds: Annotated[Optional[int], typer.Option(help="At most this many rounds. [5]")] = None,
    candidates: Annotated[
        Optional[int], typer.Option(help="Pictures a round, the best one kept. [1]")
    ] = None,
    seed: Annotated[Optional[int], typer.Option(help="Makes the run repeatable. [random]")] = None,
    skill: Annotated[
        Optional[str], typer.Option(help="auto, none, a skill's name, or several: a+b. [auto]")
    ] = None,
    mllm: Annotated[
        Optional[str],
        typer.Option(
            help="openai:MODEL, langchain:PROVIDER:MODEL or embedded. [GEMS_MLLM]", metavar="SPEC"
        ),
    ] = None,
    generator: Annotated[
        Optional[str],
        typer.Option(
            help="diffusers:MODEL, openai:MODEL, gems-http:URL or embedded. [GEMS_GENERATOR]",
            metavar="SPEC",
        ),
    ] = None,
    width: Annotated[Optional[int], typer.Option(help="Pixels. [the generator's own]")] = None,
    height: Annotated[Optional[int], typer.Option(help="Pixels. [the generator's own]")] = None,
    verify: Annotated[
        Optional[str],
        typer.Option(help="together (one call), each (a call a question), votes or never. [together]"),
    ] = None,
    max_images: Annotated[Optional[int], typer.Option(help="Stop after this many.")] = None,
    max_mllm_calls: Annotated[Optional[int], typer.Option(help="Stop after this many.")] = None,
    max_seconds: Annotated[Optional[float], typer.Option(help="Stop after this many.")] = None,
    max_cost: Annotated[
        Optional[float],
        typer.Option(help="Stop before this much money is spent, by the prices of GEMS_PRICES."),
    ] = None,
    no_memory: Annotated[
        bool, typer.Option("--no-memory", help="Neither use nor keep experiences.")
    ] = False,
    review: Annotated[
        Optional[str],
        typer.Option(help="When you look at rounds: never, on_failure, every_round. [never]"),
    ] = None,
    ask: Annotated[
        bool, typer.Option("--ask", help="Show you what it will check, and ask, before it draws.")
    ] = False,
    thread: Annotated[
        Optional[str], typer.Option(help="A name for the run. [from the prompt]", metavar="ID")
    ] = None,
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help="Begin anew where the name is taken; that run's record goes."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Draw PROMPT and refine the picture until it is right."""
    with one_line_errors():
        from ..graphs.api import default_session
        from .output import as_typed

        events = default_session().stream(
            as_typed(prompt),
            thread_id=thread,
            out=out,
            fresh=fresh,
            rounds=rounds,
            candidates=candidates,
            seed=seed,
            skill=skill,
            mllm=mllm,
            generator=generator,
            width=width,
            height=height,
            # The library refuses other words, in one line.
            verify=cast("Any", verify),
            review=cast("Any", review),
            ask=ask or None,
            max_images=max_images,
            max_mllm_calls=max_mllm_calls,
            max_seconds=max_seconds,
            max_cost=max_cost,
            memory=False if no_memory else None,
        )
        follow(events, as_json)


@app.command()
def resume(
    thread: Thread,
    rounds: Annotated[Optional[int], typer.Option(help="Another limit than before.")] = None,
    max_images: Annotated[Optional[int], typer.Option(help="The same.")] = None,
    max_mllm_calls: Annotated[Optional[int], typer.Option(help="The same.")] = None,
    max_seconds: Annotated[Optional[float], typer.Option(help="The same.")] = None,
    max_cost: Annotated[Optional[float], typer.Option(help="The same.")] = None,
    as_json: Json = False,
) -> None:
    """Go on with a run that was stopped, from its last finished step; with another limit, also one that
    ended at the old one."""
    with one_line_errors():
        from ..graphs.api import default_session

        limits = {
            "rounds": rounds,
            "max_images": max_images,
            "max_mllm_calls": max_mllm_calls,
            "max_seconds": max_seconds,
            "max_cost": max_cost,
        }
        if given := {name: limit for name, limit in limits.items() if limit is not None}:
            default_session().raise_limits(thread, **cast("Any", given))
        follow(default_session().resume_stream(thread), as_json)


@app.command("follow-up")
def follow_up(
    thread: Thread,
    change: Annotated[str, typer.Argument(help="What is to be different, in your own words.")],
    as_json: Json = False,
) -> None:
    """Change the best picture of a finished run: "now make the sky darker"."""
    with one_line_errors():
        from ..graphs.api import default_session
        from .output import as_typed

        follow(default_session().follow_up_stream(thread, as_typed(change)), as_json)


@app.command()
def fork(
    thread: Thread,
    after: Annotated[int, typer.Option("--round", min=1, help="The round after which it differs.")],
    prompt: Annotated[
        Optional[str], typer.Option(help="What the next round draws. [what the refiner writes]")
    ] = None,
    verdict: Annotated[
        Optional[list[str]],
        typer.Option(help="Corrects that round's picture: q3=pass or q3=fail; may be repeated."),
    ] = None,
    name: Annotated[
        Optional[str], typer.Option(help="A name for the new run. [from the old one]", metavar="ID")
    ] = None,
    as_json: Json = False,
) -> None:
    """Go another way from a round of a run, as a run of its own."""
    with one_line_errors():
        from ..graphs.api import default_session
        from .output import as_typed
        from .reviewing import read_verdicts

        given = None if prompt is None else as_typed(prompt)
        verdicts = read_verdicts(verdict or [])
        session = default_session()
        forked = session.fork(thread, after, prompt=given, verdicts=verdicts, name=name)
        follow(session.resume_stream(forked), as_json)


@app.command()
def runs(as_json: Json = False) -> None:
    """List the runs, the latest first."""
    with one_line_errors():
        from ..graphs.api import default_session
        from .tables import runs_table

        records, broken = default_session().index.examine()
        for path in broken:
            print(f"gems: the entry {path} cannot be read; it is left out", file=sys.stderr)
        if as_json:
            print(json.dumps([record.model_dump() for record in records]))
            return
        runs_table(records)


@app.command()
def show(
    thread: Thread,
    html: Annotated[
        Optional[Path], typer.Option(help="Write it as one HTML file instead.", metavar="FILE")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what a run tried, round by round."""
    with one_line_errors():
        from ..graphs.api import default_session
        from .tables import show_result

        result = default_session().report(thread)
        if html is not None:
            from ..memory.files import write_file
            from .run_page import page

            session = default_session()
            write_file(html, page(result, session.facts(thread), session.deps).encode())
            print(html)
            return
        if as_json:
            print(json.dumps(result))
            return
        show_result(result)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check what is configured and reachable, and say what to do about what is not."""
    with one_line_errors():
        from .doctor import examine
        from .tables import show_findings

        findings = examine()
        if as_json:
            print(json.dumps([finding._asdict() for finding in findings]))
        else:
            show_findings(findings)
        if any(finding.state == "fail" for finding in findings):
            raise typer.Exit(1)


def follow(events: RunStream, as_json: bool) -> None:
    """Shows a run until its end, asks whoever is there where it waits for a person, and prints its
    result; Ctrl-C leaves a run that can be resumed."""
    from ..graphs.api import default_session
    from .live import LiveView, QuietView, show_events
    from .reviewing import ask_person, question_in, waiting_is_told

    view = QuietView() if as_json else LiveView()
    try:
        result = show_events(events, view)
        while not as_json and (question := question_in(result)):
            with waiting_is_told(events.thread_id):
                answer = ask_person(question)
            if answer is None:
                break
            events = default_session().resume_stream(events.thread_id, answer=answer)
            result = show_events(events, view := LiveView(goes_on=True))
    except KeyboardInterrupt:
        events.close()
        print(f"gems: stopped; go on with: gems resume {events.thread_id}", file=sys.stderr)
        raise typer.Exit(130) from None
    if as_json:
        print(json.dumps(result))
    else:
        view.conclude(result)


if __name__ == "__main__":
    app()

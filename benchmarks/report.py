"""The results as a page of Markdown, as measured."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import facts
from benchmarks.contender import FORMATS, OURS, Work
from benchmarks.extraction import SCRIPTED
from benchmarks.peers import contenders
from benchmarks.results import Results, compared, floor_of, larger, times
from benchmarks.targets import judged
from benchmarks.timing import Ratio, Timed, ratio
from benchmarks.traps import notes
from benchmarks.wording import digits, megabytes, multiple, seconds, table

_WORKS: tuple[tuple[Work, str], ...] = (
    ("parse", "parse {}"),
    ("encode", "encode as {}"),
    ("convert", "convert {}"),
)


def page(results: Results, *, picture: bool) -> str:
    """The whole page; `picture` where there is one beside it."""
    parts = (
        _opening,
        _targets,
        _chart if picture else _none,
        _peers,
        _spellings,
        _growth,
        _memory,
        _imports,
        _extraction,
        _unchecked,
        _method,
    )
    return "\n".join(line for part in parts for line in part(results)) + "\n"


def _opening(results: Results) -> Iterator[str]:
    yield "# Benchmarks"
    yield ""
    yield "Written by `python -m benchmarks`, as measured. In every table the contenders ran side by side,"
    yield "each on the same payloads. **×** is how many times as long as the floor, which is the first row,"
    yield "a contender takes; beside it stands its time, the median ± the median absolute deviation."
    yield ""
    if results.rounds == 1:
        yield "This run had a single round: it shows that everything works, and its numbers mean nothing."
        yield ""
    yield f"- {facts.python()}; {facts.machine()}"
    yield f"- {', '.join(f'{name} {version}' for name, version in facts.versions().items())}"
    yield ""


def _none(results: Results) -> Iterator[str]:
    yield from ()


def _targets(results: Results) -> Iterator[str]:
    found = judged(results)
    if not found:
        return
    hit = sum(target.hit for target in found)
    yield "## Targets"
    yield ""
    yield f"{hit} of {len(found)} are hit. What is judged is the median over the rounds; the quartiles"
    yield "stand beside it."
    yield ""
    rows = [
        (
            target.work,
            target.peer,
            "hit" if target.hit else f"**missed** by {target.found.median / target.limit - 1:.0%}",
            f"≤ {multiple(target.limit)}",
            multiple(target.found.median),
            f"{digits(target.found.low)} to {digits(target.found.high)}",
        )
        for target in found
    ]
    yield from table(("work", "beside", "", "target", "measured", "quartiles"), rows, words=3)


def _chart(results: Results) -> Iterator[str]:
    yield "![How many times as long as the floor every contender takes](benchmarks.svg)"
    yield ""


def _peers(results: Results) -> Iterator[str]:
    for title, tasks in results.of_kind("peers").items():
        yield f"## {title}"
        yield ""
        columns = [results.times[task.name] for task in tasks]
        tells = [_tells(task.name, columns[0]) for task in tasks]
        rows = []
        for place, one in enumerate(columns[0]):
            row = [_name(one.name)]
            row += [_both(each[place], ratio(each[place], floor_of(each))) for each in columns]
            rows.append([row[0], tells[0][place], *row[1:]] if tells[0] else row)
        head = ["", *(["tells"] if tells[0] else []), *(task.column for task in tasks)]
        yield from table(head, rows, words=2 if tells[0] else 1)


def _tells(task: str, timed: list[Timed]) -> list[str]:
    """What each contender has to say of what is wrong; nothing for tasks where nothing is."""
    work, spelling, _ = task.split("/")
    if work != "validate":
        return []
    format = next(format for format in FORMATS if format == spelling)
    tells = {who.name: who.tells for who in contenders("validate", format)}
    return [tells[one.name] for one in timed]


def _spellings(results: Results) -> Iterator[str]:
    titles = results.of_kind("spelling")
    if not titles:
        return
    yield "## Strict parse of other spellings"
    yield ""
    rows = []
    for title, tasks in titles.items():
        for task in tasks:
            timed = results.times[task.name]
            bare = floor_of(timed)
            ours = next(one for one in timed if one.name == OURS)
            words = (f"{title}, {task.column}", bare.name)
            rows.append((*words, _taken(bare), _both(ours, ratio(ours, bare))))
    yield from table(("payload", "floor", "its time", OURS), rows, words=2)


def _growth(results: Results) -> Iterator[str]:
    titles = results.of_kind("growth")
    if not titles:
        return
    yield "## Growth"
    yield ""
    yield "What one record takes, in a small payload and in a large one."
    yield ""
    rows = []
    for title, tasks in titles.items():
        for task in tasks:
            timed = results.times[task.name]
            few, most = floor_of(timed), larger(timed)
            taken = (_taken(few, few.records), _taken(most, most.records))
            rows.append((title, *taken, multiple(ratio(most, few).median)))
    sizes = (f"one of {size:,}" for size in results.sizes[-2:])
    yield from table(("work", *sizes, "growth"), rows)


def _memory(results: Results) -> Iterator[str]:
    if not results.peaks:
        return
    yield "## Peak memory"
    yield ""
    yield "How far the resident memory of a fresh process rises above where it was with the payload read."
    yield f"As sgformats keeps them, {results.sizes[-1]:,} records are {megabytes(results.held)}."
    yield ""
    rows = []
    for peak in results.peaks:
        parsed = peak.name.startswith("memory/parse/")
        more = multiple(times(peak.values, results.held).median) if parsed else "–"
        work = "strict parse of {}" if parsed else "validation of {}, every record bad"
        words = (work.format(peak.format.upper()), _name(peak.contender))
        rows.append((*words, f"{peak.records:,}", megabytes(peak.median), more))
    yield from table(("work", "", "records", "peak", "× the records"), rows, words=2)


def _imports(results: Results) -> Iterator[str]:
    if not results.imports:
        return
    yield "## Import"
    yield ""
    yield "In a fresh process, without the start of Python itself."
    yield ""
    rows = []
    for one in results.imports:
        name = f"`import {one.name}`"
        shown = _both(one, compared(results.imports, one.name))
        rows.append((f"**{name}**" if one.name == OURS else name, shown))
    yield from table(("", "time"), rows)


def _extraction(results: Results) -> Iterator[str]:
    found = results.extraction
    if found is None:
        return
    yield "## Extraction of a log"
    yield ""
    yield f"A log of {found.lines:,} lines, {megabytes(found.bytes)}, with {found.records:,} records in"
    yield "answers that are whole: XML and JSON by turns, nought to a hundred records in each. One answer"
    yield "in fifty is cut, and one line in a hundred is garbage. Other logs have a quarter of the lines,"
    yield "JSON alone, or half of the answers cut. Every run is timed from its start to its end; **×** is"
    yield "its time by byte of its log, beside the first row. The scripts, DuckDB and Polars pass over what"
    yield "they cannot read and say nothing of it; to the scripts a page of HTML is a record. sgformats"
    yield "saves what is whole of a cut answer, marks it, and accounts for the rest: the last column counts"
    yield "such rows. The peak is that of the largest process, CPU that of all of them."
    yield ""
    rows = []
    first = found.of(SCRIPTED)
    for one in found.taken:
        timed = one.timed
        begin, comma, rest = one.way.name.partition(",")
        name = f"**{begin}**{comma}{rest}" if one.way.who == OURS else one.way.name
        by_byte = ratio(
            timed._replace(records=one.bytes), first.timed._replace(records=first.bytes)
        )
        speeds = (digits(one.bytes / timed.median / 1e6), digits(one.speed / 1e6))
        rows.append(
            (
                name,
                _both(timed, by_byte),
                f"{one.cpu:.2f} s",
                *speeds,
                megabytes(one.peak),
                f"{one.odd:,}",
            )
        )
    head = ("", "time", "CPU", "MB/s", "MB/s for each worker", "peak", "of no whole answer")
    yield from table(head, rows)
    yield ""
    yield "**Where another tool is better.** Of a log of JSON answers that is known to be whole, DuckDB"
    yield "and Polars make the table in less than half the time. They read no XML, take the last of two"
    yield "values of a field and any text for a date, and pass over what is cut. What sgformats has"
    yield "written, as Parquet or `.duckdb`, is best asked with them."
    yield ""


def _unchecked(results: Results) -> Iterator[str]:
    yield "## What the others do not check"
    yield ""
    yield "On the payloads measured here all agree, record by record. On others they do not: this is what"
    yield "became of the traps in `benchmarks/traps.py`, which sgformats reads by the contract or refuses."
    yield ""
    rows = []
    for work, words in _WORKS:
        for format in FORMATS:
            for who in contenders(work, format):
                found = notes(who)
                if who.floor and work == "parse":
                    said = ("all but syntax", "–")
                else:
                    said = (", ".join(found.unchecked) or "–", ", ".join(found.refused) or "–")
                rows.append((words.format(format.upper()), _name(who.name), *said))
    head = ("work", "", "takes, or reads otherwise", "refuses, though valid")
    yield from table(head, rows, words=4)


def _method(results: Results) -> Iterator[str]:
    yield "## How it is measured"
    yield ""
    yield "A round runs every contender of a table once, in an order drawn anew, as often in a row as"
    yield "takes 5 ms, and once before that, uncounted, to be rid of what the one before left to do."
    yield f"There are {results.rounds} rounds, or {results.few} of what takes long and of memory. Ratios"
    yield "are taken inside a round: whatever else the machine did is on both of their sides."
    yield "The garbage collector runs as it does by default. Before it is timed, every contender has to"
    yield "give the right records, the numbers of the bad ones, or a document that reads as the records."
    yield ""
    yield "To encode, those who have a class for records begin with its objects, `orjson.dumps` with dicts"
    yield "of text, and all others with tuples of text and `datetime`."
    yield ""
    yield "The clock is pyperf's, and `--json FILE` writes every value in its format, for `pyperf stats`"
    yield "and `compare_to`. Its own runner times one benchmark after the other, which leaves it to chance"
    yield "what else the machine did meanwhile."


def _both(one: Timed, found: Ratio | None) -> str:
    """How many times the floor something takes, and how long that is."""
    return f"{'–' if found is None else f'**{multiple(found.median)}**'} {_taken(one)}"


def _taken(one: Timed, by: int = 1) -> str:
    """How long something takes; the spread only where there was more than one round."""
    return seconds(one.median / by, one.deviation / by if len(one.values) > 1 else None)


def _name(name: str) -> str:
    return f"**{name}**" if name == OURS else name

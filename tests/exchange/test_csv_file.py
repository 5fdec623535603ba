"""Files that are not what they seem are refused whole, with the place where it shows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from store.errors import Invalid
from store.exchange.csv_file import LARGEST_FILE, open_csv


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    return path


def rows(path: Path) -> list[tuple[int, list[str]]]:
    with open_csv(path) as file:
        found = [(line.number, line.cells) for line in file.lines()]
        assert file.rows == len(found)
        assert [(line.number, line.cells) for line in file.lines()] == found
    return found


def refusal(path: Path) -> str:
    with pytest.raises(Invalid) as refused, open_csv(path):
        pass
    return refused.value.message


def test_rows_know_the_physical_line_they_begin_on(tmp_path: Path) -> None:
    content = b'name,note\n\nRao,"two\nlines"\r\nDas,x\n,,\nBose,"quoted ""so"""'
    assert rows(written(tmp_path, content)) == [
        (3, ["Rao", "two\nlines"]),
        (5, ["Das", "x"]),
        (7, ["Bose", 'quoted "so"']),
    ]


def test_a_byte_order_mark_belongs_to_no_column(tmp_path: Path) -> None:
    with open_csv(written(tmp_path, b"\xef\xbb\xbfname\nRao\n")) as file:
        assert file.heading == ["name"]


def test_bare_carriage_returns_end_lines(tmp_path: Path) -> None:
    assert rows(written(tmp_path, b"name,x\rRao,1\rDas,2\r")) == [
        (2, ["Rao", "1"]),
        (3, ["Das", "2"]),
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"name;phone\nRao;1\n", "semicolons"),
        (b"name\tphone\nRao\t1\n", "tabs"),
        (b"name,phone,name\nRao,1,Das\n", "two columns named name"),
        (b'name\nRao\n"Das\nBose\n', "never closed"),
        (b'name\nRao\n"Das"x\n', "line 2: a quoted cell is closed before its end"),
        (b"name\nRa\x00o\n", "Byte 7 of the file is NUL"),
        ("name\nJosé\n".encode("latin-1"), "Byte 8 of the file is not UTF-8"),
        (b"name\nJos\xc3", "Byte 8 of the file is not UTF-8"),
        ("name\nRao\n".encode("utf-16"), "UTF-16"),
        (b"name\n" + b"x" * 140_000 + b"\n", "longer than 131,072"),
    ],
)
def test_what_could_be_misread_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    assert told in refusal(written(tmp_path, content))


def test_a_file_is_read_in_the_encoding_that_is_named_and_nothing_is_guessed(
    tmp_path: Path,
) -> None:
    text = "name,note\nJosé,“x”\nरमा,y\n"
    latin = text.replace("रमा", "Ram")

    def told(content: bytes, encoding: str) -> str:
        with pytest.raises(Invalid) as refused, open_csv(written(tmp_path, content), encoding):
            pass
        return refused.value.message

    for content, encoding in (
        (text.encode("utf-8-sig"), "utf-8-sig"),
        (text.encode("utf-16"), "UTF16"),
        (text.encode("utf-16-be"), "utf-16-be"),
        (latin.encode("cp1252"), "windows-1252"),
    ):
        with open_csv(written(tmp_path, content), encoding) as file:
            assert file.heading == ["name", "note"]
            assert next(line.cells for line in file.lines()) == ["José", "“x”"]
            assert file.rows == 2
    assert "is UTF-8, not cp1252" in told("name\nJosé\n".encode(), "cp1252")
    assert "say --encoding utf-16" in told(text.encode("utf-16"), "cp1252")
    assert "mark of UTF-16" in told(text.encode(), "utf-16")
    assert "Byte 5 of the file is not cp1252" in told(b"name\n\x81\n", "cp1252")
    assert "not UTF-8" in told(latin.encode("cp1252"), "utf-8")
    assert "--encoding cp1252" in told(latin.encode("cp1252"), "utf-8")
    assert "is NUL" in told(text.encode("utf-16-le"), "iso8859-1")
    assert "choose utf-8," in told(b"name\n", "rot13")


def test_the_offset_of_a_wrong_byte_is_right_across_chunks(tmp_path: Path) -> None:
    text = "name\n" + "नाम\n" * 200_000
    good = text.encode()
    assert len(good) > 1 << 20
    assert f"Byte {len(good)} " in refusal(written(tmp_path, good + b"\xff"))


def test_only_a_regular_file_is_read(tmp_path: Path) -> None:
    real = written(tmp_path, b"name\nRao\n")
    link = tmp_path / "link.csv"
    link.symlink_to(real)
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    assert "link" in refusal(link)
    assert "CSV file" in refusal(pipe)
    assert "CSV file" in refusal(Path("/dev/zero"))
    assert "CSV file" in refusal(tmp_path)
    assert "No such file" in refusal(tmp_path / "missing.csv")
    assert "cannot be opened" in refusal(Path("nul\0.csv"))


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as handle:
        handle.truncate(LARGEST_FILE + 1)
    assert "100 MB fit" in refusal(path)


def read_while_it_grows(path: Path) -> None:
    with open_csv(path) as file:
        with path.open("ab") as handle:
            handle.write(b"Das\n")
        list(file.lines())


def test_a_file_that_grows_meanwhile_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, b"name\nRao\n")
    with pytest.raises(Invalid, match="changed while"):
        read_while_it_grows(path)

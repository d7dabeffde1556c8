"""``jiedao receipt``: what a street holds in its hand about a file it sent, and how anyone proves it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.files import read_file
from cli.output import ExitCode, fail, print_json, say
from cli.stage import AsJson
from ingest.home import Home
from ingest.settings import receipt_texts
from ingest.signing import KeyFormatError, PublicKey, SignatureError

app = typer.Typer(help="Show and verify the signed receipts of submissions.", no_args_is_help=True)


@app.command()
def show(
    submission: Annotated[str, typer.Argument(help="Number of the submission.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write it into this file.")] = None,
) -> None:
    """Print the signed receipt of a submission: of its decision, before that of its arrival."""
    from ingest.receipts import receipt_of
    from warehouse.night import open_ledger

    home = Home.from_environment()
    with open_ledger(home) as ledger:
        document = receipt_of(home, ledger, submission)
    if document is None:
        fail(f"there is no submission {submission}", ExitCode.CANNOT_BE_TAKEN)
    if output is None:
        print_json(document)
        return
    import json

    output.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    say(f"{output}: {document['receipt']['state']}, {submission}")


def _trusted(key: Path | None) -> dict[str, PublicKey]:
    """The keys to verify with: the one given, else those of this home, else none."""
    from ingest.receipts import known_keys

    try:
        if key is None:
            return known_keys(Home.from_environment())
        given = PublicKey.from_pem(read_file(key))
    except KeyFormatError as error:
        fail(f"{key or Home.from_environment().receipt_keys}: {error}", ExitCode.CANNOT_BE_TAKEN)
    return {given.key_id: given}


def _key_id_in(text: bytes) -> str:
    from ingest.signing import read_signed

    try:
        return str(read_signed(text)["signature"]["key_id"])[:16]
    except SignatureError:
        return ""


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The receipt, as JSON.")],
    workbook: Annotated[Path | None, typer.Option(help="The file that the receipt should be about.")] = None,
    key: Annotated[
        Path | None, typer.Option(help="Public key (PEM); default: those of this home, else the receipt's own.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Verify a receipt, without network or home: 0 valid, 1 not valid, 2 a file that cannot be read."""
    from ingest.receipts import verify_receipt

    text = read_file(file)
    trusted = _trusted(key)
    result: dict[str, Any] = {"valid": False, "failure": None, "key_id": None, "key_is_trusted": bool(trusted)}
    try:
        receipt, signed_by = verify_receipt(text, trusted, None if workbook is None else read_file(workbook))
    except SignatureError as error:
        if as_json:
            print_json({**result, "failure": error.code})
        else:
            say(receipt_texts()["failures"][error.code].format(key=_key_id_in(text)))
        raise typer.Exit(int(ExitCode.REPORT_HAS_ERRORS)) from error
    if as_json:
        print_json({**result, "valid": True, "key_id": signed_by.key_id, "receipt": receipt})
        return
    texts = receipt_texts()
    state = texts["states"].get(receipt["state"], receipt["state"])
    subject = "，".join(str(receipt.get(name)) for name in ("unit_code", "form", "period") if receipt.get(name))
    say(f"{texts['verified']}{state}，{receipt['submission_id']}{'，' if subject else ''}{subject}")
    if workbook is not None:
        say(texts["workbook_matches"])
    say(texts["key_is_trusted" if trusted else "key_is_its_own"].format(key=signed_by.key_id))


@app.command()
def key(as_json: AsJson = False) -> None:
    """Print the public key that verifies the receipts signed here from now on, with its id; publish it."""
    from ingest.receipts import known_keys, signer

    home = Home.from_environment().prepare()
    try:
        public = signer(home).public
    except KeyFormatError as error:
        fail(str(error), ExitCode.CANNOT_BE_TAKEN)
    if as_json:
        earlier = {name: one.pem for name, one in known_keys(home).items()}
        print_json({"key_id": public.key_id, "public_key": public.pem, "all": earlier})
    else:
        say(f"# {public.key_id}\n{public.pem.strip()}")

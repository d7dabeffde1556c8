"""python-calamine, the reader of xlsx, xls and xlsb, with its ways of failing brought into ours."""

from __future__ import annotations

import io
from collections.abc import Mapping

import python_calamine

from ingest.cells import Grid, ReaderPanicError, Scanned
from ingest.extent import check_area
from ingest.refusal import GuardError, damaged, hostile
from ingest.settings import limits

_NOTHING = Scanned()


def _read(data: bytes, scanned: Mapping[str, Scanned]) -> list[Grid]:
    grids: list[Grid] = []
    area = 0
    with python_calamine.load_workbook(io.BytesIO(data)) as workbook:
        for meta in workbook.sheets_metadata:
            if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = workbook.get_sheet_by_name(meta.name)
            check_area(meta.name, sheet.total_height, sheet.total_width)
            area += sheet.total_height * sheet.total_width
            if area > limits()["guard"]["max_area_cells"]:
                raise hostile(f"各表合计占 {area} 格")
            rows = sheet.to_python(skip_empty_area=False)
            is_visible = meta.visible == python_calamine.SheetVisibleEnum.Visible
            before = scanned.get(meta.name, _NOTHING)
            merged = tuple(sheet.merged_cell_ranges or ()) if before.merged is None else before.merged
            grids.append(Grid(meta.name, is_visible, rows, before.trouble, merged))
    return grids


def read_workbook(data: bytes, scanned: Mapping[str, Scanned]) -> list[Grid]:
    """All sheets of a workbook in order, with what was found before. Raises GuardError or ReaderPanicError."""
    try:
        return _read(data, scanned)
    except python_calamine.PasswordError as error:
        raise GuardError("workbook_encrypted") from error
    except python_calamine.XmlError as error:
        raise damaged("内部 XML 不完整") from error
    except python_calamine.ZipError as error:
        raise damaged("压缩结构") from error
    except python_calamine.CalamineError as error:
        raise damaged("内容不符合文件格式") from error
    except GuardError:
        raise
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # a panic of the reader is a BaseException
        is_reader = isinstance(error, (ValueError, OSError, OverflowError))
        if not is_reader and type(error).__name__ != "PanicException":
            raise
        raise ReaderPanicError(str(error)) from error

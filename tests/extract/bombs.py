"""Files made to cost much: name to a function that makes one. After `MAIL` of tests/extract.rs."""


def deflate(files):
    return zipped(files)


def forty_two():
    """Sixteen in sixteen in sixteen in sixteen archives of zeros, as 42.zip is."""
    inner = deflate({"0.txt": bytes(64 << 20)})
    for _ in range(4):
        inner = deflate({f"{n}.zip": inner for n in range(16)})
    return inner


LAUGHS = (
    "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY e0 'laughter '>"
    + "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 12))
    + "]>"
)
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TYPES = (
    "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'>"
    "<Default Extension='xml' ContentType='application/xml'/></Types>"
)


def docx():
    body = f"{LAUGHS}<w:document xmlns:w='{WORD}'><w:body><w:p><w:r><w:t>&e11;</w:t></w:r></w:p></w:body></w:document>"
    return deflate({"[Content_Types].xml": TYPES, "word/document.xml": body})


def xlsx():
    """One cell in the last row and column of each of 200 sheets."""
    files = {"[Content_Types].xml": TYPES}
    names = "".join(f"<sheet name='s{n}' sheetId='{n}'/>" for n in range(1, 201))
    files["xl/workbook.xml"] = f"<workbook xmlns='{SHEET}'><sheets>{names}</sheets></workbook>"
    cell = "<c r='XFD1048576' t='inlineStr'><is><t>x</t></is></c>"
    for n in range(1, 201):
        files[f"xl/worksheets/sheet{n}.xml"] = (
            f"<worksheet xmlns='{SHEET}'><dimension ref='A1:XFD1048576'/><sheetData><row r='1048576'>{cell}</row></sheetData></worksheet>"
        )
    return deflate(files)


def nested_parts():
    head = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(10_000))
    return b"Subject: deep\r\n" + head.encode() + b"Content-Type: text/plain\r\n\r\nhello\r\n"


def many_parts():
    part = "--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
    return b"Subject: wide\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + (part * 100_000).encode()


def pdf(objects):
    out, places = b"%PDF-1.7\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{text}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
    return out + f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{out.rindex(b'xref')}\n%%EOF\n".encode()


def stream(text, more=""):
    return f"<< /Length {len(text)} {more} >>\nstream\n{text}\nendstream"


def circles():
    """Pages that are their own children, a form that draws itself twice, a font that stands for itself."""
    page = "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F 6 0 R >> /XObject << /X 5 0 R >> >> >>"
    return pdf([
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [2 0 R 3 0 R 2 0 R] /Count 3 >>",
        page,
        stream("BT /F 12 Tf (hello) Tj ET /X Do /X Do"),
        stream("/X Do /X Do BT /F 12 Tf (again) Tj ET", "/Type /XObject /Subtype /Form /Resources << /XObject << /X 5 0 R >> /Font << /F 6 0 R >> >>"),
        "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding 7 0 R /ToUnicode 7 0 R /DescendantFonts [6 0 R] >>",
        stream("/Own usecmap begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange endcmap", "/Type /CMap /UseCMap 7 0 R"),
    ])  # fmt: skip


BOMBS = {
    "forty-two.zip": forty_two,
    "laughs.xml": lambda: (LAUGHS + "<a>&e11;</a>").encode(),
    "laughs.docx": docx,
    "far.xlsx": xlsx,
    "deep.eml": nested_parts,
    "wide.eml": many_parts,
    "circles.pdf": circles,
    "deep.rtf": lambda: b"{\\rtf1 " + b"{" * 2_000_000,
    "deep.json": lambda: b"[" * 5_000_000,
    "deep.html": lambda: b"<html><body>" + b"<div>" * 1_000_000 + b"hello",
    "deep.xml": lambda: b"<?xml version='1.0'?>" + b"<a>" * 1_000_000,
}

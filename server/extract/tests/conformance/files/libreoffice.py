# Makes the files in libreoffice.zip: `python3 libreoffice.py`, with LibreOffice and zip at hand. One flat OpenDocument
# file for each placement, turned into every format; the number is one published for tests.
import os
os.makedirs('src', exist_ok=True)
NS='''xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2" xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" xmlns:presentation="urn:oasis:names:tc:opendocument:xmlns:presentation:1.0" office:version="1.2"'''
N='123456789018'
L='<text:p>個人番号：<text:span text:style-name="B">1234</text:span>5678<text:span text:style-name="B">9018</text:span></text:p>'
def td(t): return f'<table:table-cell office:value-type="string"><text:p>{t}</text:p></table:table-cell>'
def tr(*c): return '<table:table-row>'+''.join(td(x) for x in c)+'</table:table-row>'
def tbl(rows,cols): return f'<table:table table:name="T"><table:table-column table:number-columns-repeated="{cols}"/>{rows}</table:table><text:p/>'
text={
 'paragraph': L,
 'table': tbl(tr('氏名','個人番号')+tr('山田',N)+tr('',''),2),
 'boxes': tbl(tr('個人番号',*N),13),
 'footnote': f'<text:p>注<text:note text:id="f1" text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body>{L}</text:note-body></text:note>。</text:p>',
 'comment': f'<text:p>本文<office:annotation><dc:creator>x</dc:creator><dc:date>2026-01-01T00:00:00</dc:date>{L}</office:annotation>です</text:p>',
 'textbox': f'<text:p>12<draw:frame text:anchor-type="char" svg:width="5cm" svg:height="2cm"><draw:text-box>{L}</draw:text-box></draw:frame>34</text:p>',
 'deletion': f'<text:tracked-changes><text:changed-region xml:id="c1" text:id="c1"><text:deletion><office:change-info><dc:creator>x</dc:creator><dc:date>2026-01-01T00:00:00</dc:date></office:change-info><text:p>{N}</text:p></text:deletion></text:changed-region><text:changed-region xml:id="c2" text:id="c2"><text:insertion><office:change-info><dc:creator>x</dc:creator><dc:date>2026-01-01T00:00:00</dc:date></office:change-info></text:insertion></text:changed-region></text:tracked-changes><text:p>個人番号：<text:change text:change-id="c1"/><text:change-start text:change-id="c2"/>000000<text:change-end text:change-id="c2"/></text:p>',
 'header': '<text:p>本文</text:p>',
 'hidden': f'<text:p>個人番号：<text:span text:style-name="H">{N}</text:span></text:p>',
}
def fodt(k,body):
    hdr = f'<style:header>{L}</style:header>' if k=='header' else ''
    return f'''<?xml version="1.0" encoding="UTF-8"?><office:document {NS} office:mimetype="application/vnd.oasis.opendocument.text"><office:styles/><office:automatic-styles><style:style style:name="B" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style><style:style style:name="H" style:family="text"><style:text-properties text:display="none"/></style:style><style:page-layout style:name="P"><style:page-layout-properties/><style:header-style/></style:page-layout></office:automatic-styles><office:master-styles><style:master-page style:name="Standard" style:page-layout-name="P">{hdr}</style:master-page></office:master-styles><office:body><office:text>{body}</office:text></office:body></office:document>'''
for k,b in text.items(): open(f'src/{k}.fodt','w').write(fodt(k,b))
def num(v,style=''): return f'<table:table-cell {style} office:value-type="float" office:value="{v}"><text:p>{v}</text:p></table:table-cell>'
head=tr('氏名','個人番号')
def row(c): return f'<table:table-row>{td("山田")}{c}</table:table-row>'
sheet={
 'text': (head+row(td(N)),''),
 'number': (head+row(num(N)),''),
 'zero': (head+row(num('23456789013')),''),
 'format': (head+row(num('23456789013','table:style-name="F"')),''),
 'boxes': ('<table:table-row>'+td('個人番号')+''.join(num(d) for d in N)+'</table:table-row>',''),
 'comment': (head+row(f'<table:table-cell><office:annotation><text:p>{N}</text:p></office:annotation></table:table-cell>'),''),
 'hidden': (tr('氏名'),f'<table:table table:name="隠し" table:style-name="HT">{head+row(td(N))}</table:table>'),
 'formula': (head+row(f'<table:table-cell table:formula="of:=&quot;1234&quot;&amp;&quot;56789018&quot;" office:value-type="string" office:string-value="{N}"><text:p>{N}</text:p></table:table-cell>'),''),
 'textbox': (f'<table:table-row><table:table-cell><draw:custom-shape svg:x="1cm" svg:y="1cm" svg:width="6cm" svg:height="2cm">{L}<draw:enhanced-geometry draw:type="rectangle" draw:enhanced-path="M 0 0 L 21600 0 21600 21600 0 21600 0 0 Z N"/></draw:custom-shape></table:table-cell></table:table-row>',''),
 'header': (tr('氏名'),''),
}
for k,(r,more) in sheet.items():
    hdr=f'<style:header>{L}</style:header>' if k=='header' else ''
    open(f'src/{k}.fods','w').write(f'''<?xml version="1.0" encoding="UTF-8"?><office:document {NS} office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:automatic-styles><number:number-style style:name="N1"><number:number number:decimal-places="0" number:min-integer-digits="12"><number:embedded-text number:position="8">-</number:embedded-text><number:embedded-text number:position="4">-</number:embedded-text></number:number></number:number-style><style:style style:name="F" style:family="table-cell" style:data-style-name="N1"/><style:style style:name="HT" style:family="table"><style:table-properties table:display="false"/></style:style><style:page-layout style:name="P"><style:page-layout-properties/><style:header-style/></style:page-layout></office:automatic-styles><office:master-styles><style:master-page style:name="Default" style:page-layout-name="P">{hdr}</style:master-page></office:master-styles><office:body><office:spreadsheet><table:table table:name="名簿">{r}</table:table>{more}</office:spreadsheet></office:body></office:document>''')
frame=lambda inner: f'<draw:frame svg:x="1cm" svg:y="1cm" svg:width="20cm" svg:height="4cm">{inner}</draw:frame>'
slide={
 'text': frame(f'<draw:text-box>{L}</draw:text-box>'),
 'notes': '<presentation:notes>'+frame(f"<draw:text-box>{L}</draw:text-box>").replace("<draw:frame","<draw:frame presentation:class='notes'")+'</presentation:notes>',
 'table': frame('<table:table>'+'<table:table-column/>'*13+tr('個人番号',*N)+'</table:table>'),
}
for k,b in slide.items():
    open(f'src/{k}.fodp','w').write(f'''<?xml version="1.0" encoding="UTF-8"?><office:document {NS} office:mimetype="application/vnd.oasis.opendocument.presentation"><office:automatic-styles><style:style style:name="B" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style><style:page-layout style:name="P"><style:page-layout-properties fo:page-width="28cm" fo:page-height="21cm"/></style:page-layout></office:automatic-styles><office:master-styles><style:master-page style:name="D" style:page-layout-name="P"/></office:master-styles><office:body><office:presentation><draw:page draw:name="p1" draw:master-page-name="D">{b}</draw:page></office:presentation></office:body></office:document>''')

import os, subprocess
for source, formats in {'fodt': 'doc rtf docx odt', 'fods': 'xls xlsx ods', 'fodp': 'ppt pptx odp'}.items():
    files = sorted('src/' + name for name in os.listdir('src') if name.endswith(source))
    for form in formats.split():
        subprocess.run(['soffice', '--headless', '--convert-to', form, '--outdir', f'out/{form}', *files], check=True)
subprocess.run('cd out && zip -9 -q -r ../libreoffice.zip .', shell=True, check=True)

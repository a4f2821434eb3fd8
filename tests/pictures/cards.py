"""Draws mock notification cards, upright and turned, clean and as photographs of paper: cards.py DIR COUNT SEED.

The name of each file says what it is: AT-KIND-TURN-NUMBER.jpg. Numbers are made up; names are nobody's."""
import random, sys, os
from PIL import Image, ImageDraw, ImageFont, ImageFilter
FONT='/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc'
def check(p):
    w=[6,5,4,3,2,7,6,5,4,3,2]; r=sum(a*b for a,b in zip(w,map(int,p)))%11
    return '0' if r<=1 else str(11-r)
def number(r):
    p=''.join(r.choice('0123456789') for _ in range(11)); return p+check(p)
def card(r):
    n=number(r); w,h=1000,640; im=Image.new('RGB',(w,h),r.choice(['white','#f4f8f2','#fff6ee','#eef4fb'])); d=ImageDraw.Draw(im)
    f=lambda s: ImageFont.truetype(FONT,s)
    for y in range(0,h,8): d.line((0,y,w,y),fill=r.choice(['#eef2ea','#f0f0f0','#e8f0f0']))
    d.text((40,30),r.choice(['通知カード','個人番号カード','個人番号通知書']),font=f(40),fill='black')
    d.text((40,120),'個人番号',font=f(30),fill='#222')
    g=f'{n[:4]} {n[4:8]} {n[8:]}' ; d.text((250,105),g,font=f(r.choice([44,52,58])),fill='black')
    d.text((40,210),'氏名 '+r.choice(['山田 太郎','佐藤 花子','鈴木 一郎']),font=f(32),fill='black')
    d.text((40,280),'住所 東京都千代田区霞が関１丁目２番３号',font=f(28),fill='black')
    d.text((40,340),r.choice(['昭和60年4月1日生','平成2年12月3日生']),font=f(28),fill='black')
    d.text((40,560),'霞が関市長',font=f(26),fill='black'); d.rectangle((5,5,w-6,h-6),outline='#446')
    return n,im
def spoil(r,im):
    kind=r.choice(['clean','turned','skewed','photo','small'])
    turn=r.choice([0,0,90,180,270]) if kind!='clean' else 0
    if kind=='small': im=im.resize((600,384),Image.LANCZOS)
    if kind in('skewed','photo'): im=im.rotate(r.uniform(-4,4),expand=True,fillcolor=r.choice(['#777','#b8a080','white']),resample=Image.BICUBIC)
    if kind=='photo':
        bg=Image.new('RGB',(im.width+r.randint(100,400),im.height+r.randint(100,300)),r.choice(['#665544','#889988','#c0b8a8']))
        bg.paste(im,(r.randint(20,90),r.randint(20,90))); im=bg
        im=im.filter(ImageFilter.GaussianBlur(r.uniform(0.4,1.2)))
        g=Image.linear_gradient('L').resize(im.size); im=Image.composite(im,Image.new('RGB',im.size,'#404040'),g.point(lambda v:255-v//3))
        noise=Image.effect_noise(im.size,r.uniform(10,28)).convert('RGB'); im=Image.blend(im,noise,0.12)
    im=im.rotate(turn,expand=True)
    return kind,turn,im
if __name__=='__main__':
    out,count,seed=sys.argv[1],int(sys.argv[2]),int(sys.argv[3]); os.makedirs(out,exist_ok=True); r=random.Random(seed)
    for i in range(count):
        n,im=card(r); kind,turn,im=spoil(r,im)
        im.save(f'{out}/{i:03}-{kind}-{turn}-{n}.jpg',quality=r.choice([60,80,92]))

# A picture in which nothing can be read, as a camera or a scanner makes it: by Debian's Pillow.
def drawn(kind):
    """Of 52 KB, as `image/jpeg`, or as `application/pdf`: a page that is one."""
    import subprocess
    program = ("import io, random, sys; from PIL import Image; out = io.BytesIO(); "
               "noise = Image.frombytes('RGB', (240, 240), random.Random(7).randbytes(240 * 240 * 3)); "
               "noise.save(out, sys.argv[1], quality=90); sys.stdout.buffer.write(out.getvalue())")
    return subprocess.run(["/usr/bin/python3", "-c", program, kind.partition("/")[2]], capture_output=True, check=True).stdout

#!/usr/bin/env python3
"""resources.py VERSION DIR: what Windows shows of the program file, for windres: name, version, icon, and a manifest that allows long paths and asks for no rights.

The icon is drawn here, so that nothing but text is kept: a bridge of two arches over water.
"""
import struct
import sys
import zlib
from pathlib import Path

MANIFEST = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">
  <assemblyIdentity type="win32" name="csp-bridge" version="{quad}" processorArchitecture="amd64"/>
  <trustInfo xmlns="urn:schemas-microsoft-com:asm.v3"><security><requestedPrivileges><requestedExecutionLevel level="asInvoker" uiAccess="false"/></requestedPrivileges></security></trustInfo>
  <compatibility xmlns="urn:schemas-microsoft-com:compatibility.v1"><application><supportedOS Id="{{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}}"/></application></compatibility>
  <application xmlns="urn:schemas-microsoft-com:asm.v3"><windowsSettings>
    <longPathAware xmlns="http://schemas.microsoft.com/SMI/2016/WindowsSettings">true</longPathAware>
    <activeCodePage xmlns="http://schemas.microsoft.com/SMI/2019/WindowsSettings">UTF-8</activeCodePage>
  </windowsSettings></application>
</assembly>
"""
RC = """#include <winver.h>
1 ICON "csp-bridge.ico"
1 24 "csp-bridge.manifest"
1 VERSIONINFO
FILEVERSION {commas}
PRODUCTVERSION {commas}
FILEOS 0x40004L
FILETYPE 0x1L
BEGIN
  BLOCK "StringFileInfo" BEGIN BLOCK "080904b0" BEGIN
    VALUE "FileDescription", "csp-bridge: merges partners' returns into the action plan"
    VALUE "FileVersion", "{version}"
    VALUE "InternalName", "csp-bridge"
    VALUE "LegalCopyright", "MIT licence"
    VALUE "OriginalFilename", "csp-bridge.exe"
    VALUE "ProductName", "csp-bridge"
    VALUE "ProductVersion", "{version}"
  END END
  BLOCK "VarFileInfo" BEGIN VALUE "Translation", 0x0809, 1200 END
END
"""


def pixel(x, y):
    """A point of the picture, 0 to 1 from the top left: red, green, blue and how much it covers."""
    if min(x, y, 1 - x, 1 - y) < 0.03: return 0, 0, 0, 0
    if y > 0.8: return 110, 170, 205, 255
    if 0.34 < y <= 0.44: return 255, 255, 255, 255
    if y > 0.44:
        for middle in (0.28, 0.72):
            if ((x - middle) / 0.17) ** 2 + ((0.8 - y) / 0.30) ** 2 < 1: return 24, 58, 92, 255
        return 235, 240, 245, 255
    return 24, 58, 92, 255


def png(size):
    rows = b"".join(b"\0" + b"".join(bytes(pixel((x + .5) / size, (y + .5) / size)) for x in range(size)) for y in range(size))
    part = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)) + part(b"IDAT", zlib.compress(rows, 9)) + part(b"IEND", b"")


def icon():
    pictures = [(size, png(size)) for size in (16, 32, 48, 256)]
    head, at = struct.pack("<HHH", 0, 1, len(pictures)), 6 + 16 * len(pictures)
    for size, data in pictures:
        head += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(data), at)
        at += len(data)
    return head + b"".join(data for _, data in pictures)


def main():
    version, folder = sys.argv[1], Path(sys.argv[2])
    numbers = (version.split("-")[0].split(".") + ["0"] * 4)[:4]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "csp-bridge.manifest").write_text(MANIFEST.format(quad=".".join(numbers)))
    (folder / "csp-bridge.rc").write_text(RC.format(commas=",".join(numbers), version=version))
    (folder / "csp-bridge.ico").write_bytes(icon())


if __name__ == "__main__": main()

#!/usr/bin/env python3
"""pack.py REPO SYSTEM DIR FILE: puts the program file of DIR with page, licence, bill of materials and checksums into FILE, a .zip or a .tar.gz, the same bytes for the same content."""
import datetime as dt
import gzip
import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
import uuid
import zipfile
from pathlib import Path

TARGETS = {"windows": "x86_64-pc-windows-gnu", "linux-x86_64": "x86_64-unknown-linux-gnu"}


def bill(repo, system, moment, program):
    """What the program file is made of, as CycloneDX 1.5, from the lock file."""
    said = json.loads(subprocess.run(["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", TARGETS[system]], cwd=repo, capture_output=True, check=True, text=True).stdout)
    sums = {(n, v): c for n, v, c in re.findall(r'name = "([^"]+)"\nversion = "([^"]+)"\nsource = "[^"]+"\nchecksum = "([0-9a-f]+)"', (repo / "Cargo.lock").read_text())}
    packages, nodes = {p["id"]: p for p in said["packages"]}, {n["id"]: n for n in said["resolve"]["nodes"]}
    root = said["resolve"]["root"]
    # What is linked in: neither what only builds nor what only tests.
    linked = lambda node: sorted({d["pkg"] for d in nodes[node]["deps"] if any(k["kind"] is None for k in d["dep_kinds"])})
    met, left = {root}, [root]
    while left:
        for other in linked(left.pop()):
            if other not in met: met.add(other); left.append(other)
    purl = lambda p: f"pkg:cargo/{p['name']}@{p['version']}"
    parts = []
    for p in sorted((packages[i] for i in met if i != root), key=lambda p: (p["name"], p["version"])):
        part = {"type": "library", "bom-ref": purl(p), "name": p["name"], "version": p["version"], "purl": purl(p)}
        if p.get("license"): part["licenses"] = [{"expression": p["license"].replace("/", " OR ")}]
        if (p["name"], p["version"]) in sums: part["hashes"] = [{"alg": "SHA-256", "content": sums[p["name"], p["version"]]}]
        parts.append(part)
    own = packages[root]
    return {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "serialNumber": f"urn:uuid:{uuid.UUID(hashlib.sha256(program).hexdigest()[:32], version=4)}",
            "metadata": {"timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ"), "component": {"type": "application", "bom-ref": purl(own), "name": own["name"], "version": own["version"], "purl": purl(own), "licenses": [{"license": {"id": "MIT"}}],
                                                                                          "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(program).hexdigest()}]}},
            "components": parts,
            "dependencies": [{"ref": purl(packages[i]), "dependsOn": [purl(packages[o]) for o in linked(i)]} for i in sorted(met, key=lambda i: purl(packages[i]))]}


def main():
    repo, system, folder, target = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])
    seconds = int(subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=repo, capture_output=True, check=True, text=True).stdout)
    moment = dt.datetime.fromtimestamp(seconds, dt.timezone.utc)
    name = "csp-bridge.exe" if system == "windows" else "csp-bridge"
    program = (folder / name).read_bytes()
    version = re.search(r'^version = "(.*)"', (repo / "Cargo.toml").read_text(), re.M)[1]
    files = {name: program, "Licence.txt": (repo / "LICENSE").read_bytes(), "Bill of materials.cdx.json": json.dumps(bill(repo, system, moment, program), indent=1, ensure_ascii=False).encode() + b"\n"}
    if system == "windows":
        page = (repo / ".ci/read-me-first.html").read_text()
        files["Read me first.html"] = page.replace("{version}", version).replace("{sha256}", hashlib.sha256(program).hexdigest()).encode()
        # Editors of Windows end lines so.
        files["Licence.txt"] = files["Licence.txt"].replace(b"\n", b"\r\n")
    files["Checksums.txt"] = "".join(f"{hashlib.sha256(data).hexdigest()}  {n}\n" for n, data in sorted(files.items())).encode()
    inside = f"csp-bridge-{version}"
    if target.suffix == ".zip":
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
            for n, data in sorted(files.items()):
                entry = zipfile.ZipInfo(f"{inside}/{n}", moment.timetuple()[:6])
                entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o100644 << 16, 3
                z.writestr(entry, data)
    else:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as t:
            for n, data in sorted(files.items()):
                entry = tarfile.TarInfo(f"{inside}/{n}")
                entry.size, entry.mtime, entry.mode = len(data), seconds, 0o755 if n == name else 0o644
                t.addfile(entry, io.BytesIO(data))
        with open(target, "wb") as f, gzip.GzipFile("", "wb", 9, f, mtime=seconds) as z: z.write(packed.getvalue())
    print(f"{target.name}: {target.stat().st_size / 1e6:.1f} MB, {hashlib.sha256(target.read_bytes()).hexdigest()}")


if __name__ == "__main__": main()

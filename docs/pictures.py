"""Makes the README's pictures of the wizard from those that tests/test_wizard.py left: narrower, and of few colours.

`make pictures` runs that test first.
"""

from pathlib import Path

from PIL import Image

FOLDER, LEFT = Path("docs/wizard"), Path(".artefacts")
WIDTH, COLOURS = 900, 64

for picture in sorted(FOLDER.glob("*.png")):
    with Image.open(LEFT / f"wizard-{picture.name}") as seen:
        size = WIDTH, round(seen.height * WIDTH / seen.width)
        seen.convert("RGB").resize(size, Image.Resampling.LANCZOS).quantize(COLOURS).save(picture, optimize=True)

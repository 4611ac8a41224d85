"""How a performance gets into the page, and back: the widget, the saved output, the messages.

- `mime`    what a notebook keeps of a performance: the MIME bundle of its output
- `live`    `LiveView`: the line between a performance and the pages that show it
- `page`    the view in one file of HTML, for elsewhere
- `wire`    the messages on that line
- `widget`  the anywidget that carries them; the only module that imports ipywidgets
- `static`  the built front end (from `widgets/`): not in the repository, always in the wheel

No logic of the performance is in here: a `LiveView` hands on what pages ask for.
"""

// Everything that reaches the page from outside goes through text nodes and attributes: never through markup.

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "g", "rect", "path", "text", "title", "marker", "defs", "polygon"]);

/** Makes an element. Properties that begin with "on" are listeners, `text` is its text, all others are attributes. */
export function el(tag, properties = {}, ...children) {
  const node = SVG_TAGS.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "text") node.textContent = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children);
  return node;
}

/** Writes only what differs: the page is left alone where nothing changed. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== String(value)) node.setAttribute(name, String(value));
}

export function setVariable(node, name, value) {
  if (node.style.getPropertyValue(name) !== String(value)) node.style.setProperty(name, String(value));
}

/**
 * A table whose rows are kept from one update to the next, found again by their key.
 *
 * @param columns { header, number?, cell(row) } where a cell is a text, or a function that fills a cell's element
 */
export function liveTable(caption, columns) {
  const body = el("tbody");
  const head = el(
    "tr",
    {},
    ...columns.map(({ header, number }) => el("th", { scope: "col", class: number && "number", text: header })),
  );
  const table = el("table", {}, el("caption", { text: caption }), el("thead", {}, head), body);
  const none = el("p", { class: "quiet", text: "None." });
  const rows = new Map();

  function update(items, keyOf) {
    none.hidden = items.length > 0;
    const keys = new Set(items.map(keyOf));
    for (const [key, row] of rows) {
      if (keys.has(key)) continue;
      row.remove();
      rows.delete(key);
    }
    items.forEach((item, index) => {
      const key = keyOf(item);
      let row = rows.get(key);
      if (row === undefined) {
        row = el("tr", {}, ...columns.map((column, at) => cellElement(column, at)));
        rows.set(key, row);
      }
      if (body.children[index] !== row) body.insertBefore(row, body.children[index] ?? null);
      columns.forEach((column, at) => {
        const value = column.cell(item);
        if (typeof value === "function") value(row.children[at]);
        else setText(row.children[at], value);
      });
    });
  }
  return { element: el("div", { class: "scroll" }, table, none), update };
}

function cellElement({ number }, at) {
  if (at === 0) return el("th", { scope: "row" });
  return el("td", { class: number && "number" });
}

/** For a cell: a bar and its share as text. */
export function shareCell(share, text) {
  return (cell) => {
    if (cell.firstElementChild === null) {
      cell.append(el("span", { class: "bar", "aria-hidden": "true" }, el("span")), " ", el("span"));
    }
    setVariable(cell.firstElementChild, "--share", Math.min(1, Math.max(0, share)).toFixed(3));
    setText(cell.lastElementChild, text);
  };
}

/** For a cell: a link within the page. */
export function linkCell(href, text) {
  return (cell) => {
    if (cell.firstElementChild === null) cell.append(el("a"));
    setAttribute(cell.firstElementChild, "href", href);
    setText(cell.firstElementChild, text);
  };
}

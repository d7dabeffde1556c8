"use strict";
// Draws every <figure class="chart"> from the table within it, so that picture and table cannot differ.
// The first column names the categories, each further column with data-series is a series; a cell without data-value
// is a gap. data-chart: line, bar, stack or tiles. With data-map, tiles become a map once an authority has plugged one in.
(() => {
  const COLOURS = ["#b3261e", "#0b5cad", "#1a7f37", "#9a6700", "#6639ba", "#57606a", "#bf3989", "#1b7c83"];
  const TEXT = { color: "#1f2328", fontFamily: getComputedStyle(document.body).fontFamily };

  function read(table) {
    const heads = [...table.tHead.rows[0].cells].slice(1);
    const rows = [...table.tBodies[0].rows];
    const columns = heads.map((head, at) => ({ head, at: at + 1 })).filter(({ head }) => "series" in head.dataset);
    return {
      categories: rows.map((row) => row.cells[0].textContent.trim()),
      codes: rows.map((row) => row.dataset.code || ""),
      links: rows.map((row) => row.cells[0].querySelector("a")?.getAttribute("href")),
      series: columns.map(({ head, at }) => ({
        name: head.dataset.series || head.textContent.trim(),
        unit: head.dataset.unit || "",
        colour: head.dataset.colour,
        values: rows.map((row) => (row.cells[at].dataset.value === undefined ? null : Number(row.cells[at].dataset.value))),
      })),
    };
  }

  function axes(data, { isWide, unit }) {
    const names = { type: "category", data: data.categories, inverse: isWide, axisTick: { show: false }, axisLabel: { ...TEXT, interval: isWide || data.categories.length <= 12 ? 0 : "auto", hideOverlap: true, width: isWide ? 96 : undefined, overflow: "break" } };
    const values = { type: "value", axisLabel: { ...TEXT, formatter: `{value}${unit}` }, splitLine: { lineStyle: { color: "#d0d7de" } } };
    return isWide ? { xAxis: values, yAxis: names } : { xAxis: names, yAxis: values };
  }

  // Bars lie down where their names would not fit beneath them.
  function liesDown(kind, data, width) {
    const letters = Math.max(...data.categories.map((name) => name.length));
    return kind !== "line" && data.categories.length * letters * 14 > width;
  }

  function cartesian(kind, data, isWide) {
    const unit = data.series[0]?.unit || "";
    return {
      ...axes(data, { isWide, unit }),
      grid: { left: 8, right: 24, top: data.series.length > 1 ? 40 : 16, bottom: 8, containLabel: true },
      legend: data.series.length > 1 ? { top: 0, textStyle: TEXT, type: "scroll" } : undefined,
      tooltip: { trigger: "axis", renderMode: "richText", confine: true, valueFormatter: (value) => (value == null ? "无" : `${value}${unit}`) },
      series: data.series.map((one) => ({
        name: one.name, data: one.values, type: kind === "line" ? "line" : "bar", stack: kind === "stack" ? "all" : undefined,
        connectNulls: false, itemStyle: one.colour ? { color: one.colour } : undefined, symbolSize: 8, barMaxWidth: 28,
      })),
    };
  }

  function scale(values) {
    return { show: false, min: Math.min(...values), max: Math.max(...values), inRange: { color: ["#f4c7c3", "#fff4ce", "#b7e1cd"] } };
  }

  function tiles(data) {
    const [one] = data.series;
    const known = data.categories.map((name, at) => ({ name, value: [1, one.values[at]], link: data.links[at] })).filter((tile) => tile.value[1] !== null);
    return {
      tooltip: { renderMode: "richText", confine: true, formatter: ({ name, value }) => `${name}\n${value[1]}${one.unit}` },
      visualMap: { ...scale(known.map((tile) => tile.value[1])), dimension: 1, type: "continuous" },
      series: [{
        type: "treemap", roam: false, nodeClick: false, breadcrumb: { show: false }, visualDimension: 1, data: known,
        left: 0, right: 0, top: 0, bottom: 0, itemStyle: { borderColor: "#fff", borderWidth: 1, gapWidth: 1 },
        label: { ...TEXT, formatter: ({ name, value }) => `${name}\n${value[1]}${one.unit}`, overflow: "break" },
      }],
    };
  }

  async function map(data, address) {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok) return null;
    const shapes = await answer.json();
    const at = new Map(data.codes.map((code, number) => [code, number]));
    shapes.features = shapes.features.filter((shape) => at.has(String(shape.properties.code ?? shape.properties.adcode)));
    if (!shapes.features.length) return null;
    for (const shape of shapes.features) shape.properties.name = data.categories[at.get(String(shape.properties.code ?? shape.properties.adcode))];
    echarts.registerMap("units", shapes);
    const [one] = data.series;
    const values = data.categories.map((name, number) => ({ name, value: one.values[number], link: data.links[number] }));
    return {
      tooltip: { renderMode: "richText", confine: true, formatter: ({ name, value }) => `${name}\n${value}${one.unit}` },
      visualMap: scale(one.values.filter((value) => value !== null)),
      series: [{ type: "map", map: "units", data: values, label: { ...TEXT, show: true } }],
    };
  }

  async function draw(figure) {
    const table = figure.querySelector("table");
    const data = read(table);
    if (!data.categories.length || !data.series.some((one) => one.values.some((value) => value !== null))) return;
    const kind = figure.dataset.chart;
    const place = figure.querySelector(".drawing");
    const isWide = kind !== "tiles" && liesDown(kind, data, figure.clientWidth);
    place.style.height = `${isWide ? 60 + 34 * data.categories.length : 300}px`;
    const option = (figure.dataset.map && (await map(data, figure.dataset.map))) || (kind === "tiles" ? tiles(data) : cartesian(kind, data, isWide));
    const chart = echarts.init(place, null, { renderer: "svg" });
    chart.setOption({ color: COLOURS, textStyle: TEXT, animation: false, aria: { enabled: true }, ...option });
    chart.on("click", ({ data: item, dataIndex }) => {
      const link = item?.link ?? data.links[dataIndex];
      if (link) location.assign(link);
    });
    new ResizeObserver(() => chart.resize()).observe(place);
    window.addEventListener("beforeprint", () => chart.resize({ width: 640 }));
    window.addEventListener("afterprint", () => chart.resize({ width: "auto" }));
    figure.classList.add("drawn");
  }

  for (const figure of document.querySelectorAll("figure.chart")) draw(figure);

  // Paper shows what a click would; a link to a folded group opens it.
  const folded = () => document.querySelectorAll("details.group:not([open])");
  window.addEventListener("beforeprint", () => folded().forEach((group) => { group.open = true; group.dataset.forPaper = ""; }));
  window.addEventListener("afterprint", () => document.querySelectorAll("details[data-for-paper]").forEach((group) => { group.open = false; delete group.dataset.forPaper; }));
  const linked = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (linked?.tagName === "DETAILS") linked.open = true;
})();

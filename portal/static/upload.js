// Says at once that a file is too large, and that a check is going on. The page works without it.
for (const form of document.querySelectorAll("form.upload")) {
  const button = form.querySelector("button");
  const tooLarge = form.querySelector("[role=alert]");
  const label = button.textContent;
  form.addEventListener("submit", (event) => {
    const [file] = form.querySelector("input[type=file]").files;
    tooLarge.hidden = !file || file.size <= Number(form.dataset.maxBytes);
    if (!tooLarge.hidden) {
      event.preventDefault();
      return;
    }
    button.disabled = true;
    button.textContent = button.dataset.busy;
  });
  // A page that the browser kept for its back button is usable again.
  window.addEventListener("pageshow", () => {
    button.disabled = false;
    button.textContent = label;
  });
}

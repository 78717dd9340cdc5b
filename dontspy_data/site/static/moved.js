// A page that has moved: what the old address asked for goes along.
addEventListener("DOMContentLoaded", () => {
  const target = new URL(document.getElementById("target").href);
  for (const [name, value] of new URLSearchParams(location.search)) target.searchParams.set(name, value);
  location.replace(`${target.href}${location.hash}`);
});

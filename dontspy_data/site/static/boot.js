// Says whether the page's modules can run: not without JavaScript, and not from a plain file, where browsers
// load no modules. Styles follow the class, so that nothing jumps when the modules arrive.
const runs = location.protocol !== "file:";
document.documentElement.classList.add(runs ? "js" : "file");
if (runs && location.search.length > 1) document.documentElement.classList.add("searching");

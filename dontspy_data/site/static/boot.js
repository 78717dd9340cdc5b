// Says whether the page's modules can run: not without JavaScript, and not from a plain file, where browsers
// load no modules. Styles follow the class, so that nothing jumps when the modules arrive.
document.documentElement.classList.add(location.protocol === "file:" ? "file" : "js");
if (location.search.length > 1) document.documentElement.classList.add("searching");

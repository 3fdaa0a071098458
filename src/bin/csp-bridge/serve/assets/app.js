// What makes the page easier; everything works without it. It adds files as they are chosen or dropped, follows a run, and says when the
// program has stopped. It writes text alone, and keeps nothing.
(function () {
  "use strict";
  var page = document.body.getAttribute("data-page");
  var base = "/" + location.pathname.split("/")[1] + "/";
  var failures = 0;

  function make(name, text, attributes) {
    var element = document.createElement(name);
    if (text) element.textContent = text;
    Object.keys(attributes || {}).forEach(function (key) { element.setAttribute(key, attributes[key]); });
    return element;
  }

  // What was told has the focus, without losing the place that the address names.
  var told = document.getElementById("error-summary") || document.getElementById("notice");
  function tell() { if (told) told.focus({ preventScroll: location.hash.length > 1 && told.id === "notice" }); }
  tell();
  // Going to the place that the address names takes the focus away again.
  function again() { if (document.activeElement === document.body) tell(); }
  window.addEventListener("load", function () { again(); setTimeout(again, 50); });

  function first(element) {
    var main = document.getElementById("main");
    main.insertBefore(element, main.firstChild);
    return element;
  }

  function wrong(texts) {
    ["error-summary", "notice"].forEach(function (id) {
      var old = document.getElementById(id);
      if (old) old.remove();
    });
    var box = make("div", "", { id: "error-summary", tabindex: "-1" });
    var alert = make("div", "", { role: "alert" });
    var list = make("ul");
    texts.forEach(function (text) { list.appendChild(make("li", text)); });
    alert.appendChild(make("h2", "There is a problem"));
    alert.appendChild(list);
    box.appendChild(alert);
    first(box).focus();
    document.title = document.title.indexOf("Error: ") === 0 ? document.title : "Error: " + document.title;
  }

  // Two asks in a row without an answer: the program has stopped.
  function state() {
    return fetch(base + "state", { cache: "no-store" }).then(function (answer) {
      if (!answer.ok) throw new Error("no state");
      return answer.json();
    }).then(function (said) {
      failures = 0;
      return said;
    }, function (error) {
      failures += 1;
      if (failures === 1) setTimeout(function () { state().catch(function () {}); }, 2000);
      if (failures >= 2 && !document.getElementById("stopped")) {
        var box = first(make("div", "", { id: "stopped", role: "alert" }));
        box.appendChild(make("p", "csp-bridge has stopped. Nothing on this page works any more. Start it again and add the files once more; what you downloaded is safe."));
      }
      throw error;
    });
  }

  function follow() {
    var bar = document.getElementById("progress");
    var line = document.getElementById("run-status");
    var said = Date.now();
    (function ask() {
      state().then(function (now) {
        if (now.run.state !== "running") {
          location.replace(base + "run");
          return;
        }
        bar.value = now.run.step === "reading" ? now.run.done : Math.max(now.run.total, bar.value);
        if (now.run.status && now.run.status !== line.textContent && Date.now() - said >= 2000) {
          line.textContent = now.run.status;
          said = Date.now();
        }
        setTimeout(ask, 500);
      }, function () { setTimeout(ask, 2000); });
    })();
  }

  // Every file is read before any is sent: one that was changed since it was chosen is named, and the others are added.
  function send(role, files) {
    if (!files.length) return;
    var busy = first(make("p", "Adding " + (files.length === 1 ? files[0].name : files.length + " files") + " …", { "class": "note" }));
    Promise.all(files.map(function (file) {
      return file.arrayBuffer().then(function (bytes) { return { name: file.name, bytes: bytes }; }, function () { return { name: file.name }; });
    })).then(function (read) {
      var form = new FormData();
      form.append("role", role);
      read.forEach(function (file) {
        if (file.bytes) form.append("file", new Blob([file.bytes]), file.name);
        else form.append("unread", file.name);
      });
      return fetch(base + "files", { method: "POST", body: form, redirect: "manual" });
    }).then(function (answer) {
      if (answer.type === "opaqueredirect" || answer.ok) {
        location.assign(base + "files");
        return;
      }
      busy.remove();
      wrong([answer.status === 413 ? "That is too much at once: an upload may be 256 MB. Nothing was added. Add the files in smaller groups." : "The files could not be added. Try again."]);
    }, function () {
      busy.remove();
      wrong(["The files could not be sent. csp-bridge may have stopped: look at its window."]);
    });
  }

  function walk(entry) {
    if (!entry) return Promise.resolve([]);
    if (entry.isFile) return new Promise(function (done) { entry.file(function (file) { done([file]); }, function () { done([]); }); });
    var reader = entry.createReader();
    var all = [];
    return new Promise(function (done) {
      (function more() {
        reader.readEntries(function (some) {
          if (!some.length) {
            Promise.all(all.map(walk)).then(function (lists) { done([].concat.apply([], lists)); });
            return;
          }
          all = all.concat(some);
          more();
        }, function () { done([]); });
      })();
    });
  }

  function adding() {
    var returns = document.getElementById("return-files").form;
    var folder = make("input", "", { id: "return-folder", type: "file", webkitdirectory: "", multiple: "" });
    returns.appendChild(make("label", "Or a folder of returns", { "for": "return-folder" }));
    returns.appendChild(folder);
    [].forEach.call(document.querySelectorAll("form[data-role] input[type=file]"), function (input) {
      input.addEventListener("change", function () { send(input.form.getAttribute("data-role"), [].slice.call(input.files)); });
    });
    document.addEventListener("dragover", function (event) {
      event.preventDefault();
      document.body.classList.add("over");
    });
    document.addEventListener("dragleave", function (event) { if (!event.relatedTarget) document.body.classList.remove("over"); });
    document.addEventListener("drop", function (event) {
      event.preventDefault();
      document.body.classList.remove("over");
      var items = [].slice.call(event.dataTransfer.items || []);
      var entries = items.map(function (item) { return item.webkitGetAsEntry ? item.webkitGetAsEntry() : null; });
      if (!entries.some(function (entry) { return entry && entry.isDirectory; })) {
        send("auto", [].slice.call(event.dataTransfer.files));
        return;
      }
      Promise.all(entries.map(walk)).then(function (lists) { send("auto", [].concat.apply([], lists)); });
    });
  }

  if (page === "run" && document.getElementById("progress")) follow();
  else setInterval(function () { state().catch(function () {}); }, 20000);
  if (page === "files") adding();
})();

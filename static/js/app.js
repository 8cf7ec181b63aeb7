/* Every page works without this file. It only saves a tap, a wait or a second submit. */
(function (d, w) {
  'use strict';

  function each(selector, act) {
    Array.prototype.forEach.call(d.querySelectorAll(selector), act);
  }

  function closest(node, selector) {
    while (node && node.nodeType === 1) {
      if ((node.matches || node.msMatchesSelector).call(node, selector)) { return node; }
      node = node.parentNode;
    }
    return null;
  }

  /* A page that answered a form becomes a page to look at: reload and Back ask for it and post nothing again.
     A form that keeps in its address what was chosen gives the page that address. */
  var address = d.querySelector('form[data-address]');
  if (w.history.replaceState) { w.history.replaceState(null, '', address ? address.getAttribute('action') : w.location.href); }

  /* The list of what is wrong comes first to eye and ear. */
  var summary = d.querySelector('[data-summary]');
  if (summary) { summary.focus(); }

  /* One press, one submit. Coming back by the history makes the buttons new again. */
  var pressed = null;

  function free(button) {
    if (button.getAttribute('data-label')) {
      button.textContent = button.getAttribute('data-label');
      button.removeAttribute('data-label');
      button.removeAttribute('aria-disabled');
    }
  }

  function freeAll() {
    each('[data-label]', free);
    each('form[data-sent]', function (form) { form.removeAttribute('data-sent'); });
  }

  d.addEventListener('click', function (event) {
    pressed = closest(event.target, 'button');
    if (pressed && pressed.hasAttribute('data-forget')) {
      each('.control', function (control) { control.value = ''; });
    }
  });

  d.addEventListener('submit', function (event) {
    var form = event.target;
    var button = event.submitter || (pressed && pressed.form === form ? pressed : null);
    pressed = null;
    if (!form.hasAttribute('data-form')) { return; }
    if (form.hasAttribute('data-sent') || (button && button.getAttribute('aria-disabled') === 'true')) {
      event.preventDefault();
      return;
    }
    form.setAttribute('data-sent', '');
    if (!button || !button.hasAttribute('data-busy')) { button = form.querySelector('[data-busy]:not([name])'); }
    if (button) {
      button.setAttribute('data-label', button.textContent);
      button.setAttribute('aria-disabled', 'true');
      button.textContent = button.getAttribute('data-busy');
    }
    w.setTimeout(freeAll, 12000);
  });

  w.addEventListener('pageshow', freeAll);

  function say(words) {
    each('[data-say]', function (region) { region.textContent = words; });
  }

  /* Enter in the number goes on to the code, which has to be asked for first. */
  d.addEventListener('keydown', function (event) {
    var number = event.target;
    var code = number.name === 'phone' && number.form && number.form.elements.code;
    var send = number.form && number.form.querySelector('.send');
    if (event.keyCode === 13 && code && send && !code.value) {
      event.preventDefault();
      send.focus();
    }
  });

  /* The line above the button follows what is chosen and typed. */
  function mirror(event) {
    var field = event.target;
    var label = field.name === 'session' && closest(field, '[data-again]');
    each('[data-again-shown]', function (shown) { if (label) { shown.textContent = label.getAttribute('data-again'); } });
    each('[data-number-shown]', function (shown) { if (field.name === 'phone') { shown.textContent = field.value || '还没填'; } });
  }

  d.addEventListener('change', mirror);
  d.addEventListener('input', mirror);

  /* Text to take along, for phones that open no files. */
  function selected(node) {
    var range = d.createRange();
    range.selectNodeContents(node);
    w.getSelection().removeAllRanges();
    w.getSelection().addRange(range);
    return d.execCommand('copy');
  }

  each('[data-copy]', function (button) {
    button.hidden = false;
    button.addEventListener('click', function () {
      var text = d.getElementById(button.getAttribute('data-copy'));
      function done(copied) {
        say(copied ? '复制好了，可以粘贴到聊天里' : '没能复制，请长按文字，自己选中再复制');
        if (copied) { button.textContent = '复制好了'; }
      }
      if (w.navigator.clipboard) {
        w.navigator.clipboard.writeText(text.textContent).then(function () { done(true); }, function () { done(selected(text)); });
      } else {
        done(selected(text));
      }
    });
  });

  /* Seconds until another code may be sent, by the clock: a phone that went to read the message stops counting. */
  each('[data-wait]', function (button) {
    var label = button.textContent;
    var until = Date.now() + button.getAttribute('data-wait') * 1000;
    var timer;

    function show() {
      var left = Math.ceil((until - Date.now()) / 1000);
      if (button.hasAttribute('data-label')) { return; }
      if (left > 0) {
        button.setAttribute('aria-disabled', 'true');
        button.textContent = label + '（' + left + ' 秒）';
        return;
      }
      w.clearInterval(timer);
      button.removeAttribute('aria-disabled');
      button.textContent = label;
      say('现在可以重新获取验证码了');
    }

    timer = w.setInterval(show, 1000);
    show();
  });

  /* How long the seat is kept, quietly: only its end is read out. */
  each('[data-kept]', function (notice) {
    var shown = notice.querySelector('[data-kept-left]');
    var until = Date.now() + notice.getAttribute('data-kept') * 1000;
    var timer;

    function show() {
      var left = Math.ceil((until - Date.now()) / 60000);
      if (left > 0) { shown.textContent = '（还有 ' + left + ' 分钟）'; return; }
      w.clearInterval(timer);
      notice.textContent = '座位留的时间到了。还有空位的话，照常提交就能约上。';
      say(notice.textContent);
    }

    timer = w.setInterval(show, 5000);
    show();
  });

  /* A document opens over the form, so that nothing typed is left behind. If anything fails the link is followed. */
  var reading = false;

  /* Links inside the sheet: to a section scrolls the sheet, to a number calls, to a page opens beside this one. */
  function lead(inner, body) {
    var place = inner.getAttribute('href');
    if (place.charAt(0) === '#') {
      inner.addEventListener('click', function (event) {
        var section = body.querySelector(place);
        event.preventDefault();
        if (section) { section.scrollIntoView(); }
      });
    } else if (inner.protocol !== 'tel:') {
      inner.target = '_blank';
      inner.rel = 'noopener';
    }
  }

  function open(link, article) {
    var sheet = d.createElement('dialog');
    var body = d.createElement('div');
    var bar = d.createElement('div');
    var done = d.createElement('button');
    var top = w.pageYOffset;
    sheet.className = 'sheet';
    sheet.setAttribute('aria-label', link.textContent);
    body.className = 'sheet-body';
    body.tabIndex = 0;
    body.appendChild(article);
    bar.className = 'sheet-bar';
    done.className = 'button';
    done.type = 'button';
    done.textContent = '关上，接着填';
    bar.appendChild(done);
    sheet.appendChild(body);
    sheet.appendChild(bar);
    Array.prototype.forEach.call(body.querySelectorAll('a[href]'), function (inner) { lead(inner, body); });

    function shut() { sheet.close(); }

    done.addEventListener('click', shut);
    sheet.addEventListener('click', function (event) { if (event.target === sheet) { shut(); } });
    sheet.addEventListener('close', function () {
      d.body.classList.remove('pinned');
      d.body.style.top = '';
      w.scrollTo(0, top);
      sheet.parentNode.removeChild(sheet);
      reading = false;
      link.focus();
      w.removeEventListener('popstate', shut);
      if (w.history.state && w.history.state.sheet) { w.history.back(); }
    });
    /* The phone's own Back closes the sheet. Before the page is pinned, for Back restores where it stood. */
    w.history.pushState({ sheet: 1 }, '');
    w.addEventListener('popstate', shut);
    d.body.appendChild(sheet);
    d.body.style.top = -top + 'px';
    d.body.classList.add('pinned');
    sheet.showModal();
    body.focus();
    body.scrollTop = 0;
  }

  function follow(link) {
    reading = false;
    w.location.href = link.href;
  }

  d.addEventListener('click', function (event) {
    var link = closest(event.target, 'a[data-dialog]');
    var plain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button);
    if (!link || !plain || !w.HTMLDialogElement || link.host !== w.location.host) { return; }
    event.preventDefault();
    if (reading) { return; }
    reading = true;
    var call = new XMLHttpRequest();
    call.open('GET', link.href);
    call.responseType = 'document';
    call.timeout = 4000;
    link.setAttribute('aria-busy', 'true');
    say('正在打开…');
    call.onloadend = function () {
      link.removeAttribute('aria-busy');
      say('');
    };
    call.onload = function () {
      var article = call.status === 200 && call.response && call.response.querySelector('article');
      if (article) { open(link, d.importNode(article, true)); } else { follow(link); }
    };
    call.onerror = call.ontimeout = function () { follow(link); };
    call.send();
  });
}(document, window));

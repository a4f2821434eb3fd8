// Every page's scripts, joined into one file by server/web/build.rs. Each is a module of its own; the pages work
// without any.
import './swap.js';
import './toast.js';
import './menu.js';
import './dialog.js';
import './keys.js';
import './select.js';
import './auto.js';
import './compose.js';
import './check.js';
import './codes.js';

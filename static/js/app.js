// Every page's scripts. Each is a module of its own and works alone; the pages work without any.
import './swap.js';
import './toast.js';
import './menu.js';
import './dialog.js';
import './keys.js';
import './select.js';
import './auto.js';

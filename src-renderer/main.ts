import { mount } from 'svelte';
import App from './app/app.svelte';
import { views } from './app/views.svelte.ts';
import './lib/base.css';
import { language } from './lib/language.svelte.ts';
import { node } from './lib/connection/node.svelte.ts';
import { takeToken } from './lib/connection/token.ts';
import { router } from './lib/route.svelte.ts';

// Before anything is drawn, so that the token is not seen in the address bar or kept in its history.
takeToken();
void node.run();
// It comes while the words come, and the node's first answer.
void views.fetch(router.current.view);
// The first words are those of the reader's own language.
void language.follow('system').then(() => mount(App, { target: document.getElementById('app')! }));

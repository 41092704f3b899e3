/** Where an element of a view lies in what scrolls: the middle of the window, or all of it where that is very low (app/app.svelte). */
import { MediaQuery } from 'svelte/reactivity';

export class ScrollPlace {
  readonly #low = new MediaQuery('height < 30rem');
  readonly #element: () => HTMLElement | undefined;
  /** Of what scrolls, in pixels; as are all of these. */
  viewHeight = $state(600);
  /** What stands above the element. */
  above = $state(0);
  /** One rem. */
  root = $state(rootPixels());

  /** Made while a component is: it ends with it. */
  constructor(element: () => HTMLElement | undefined) {
    this.#element = element;
    $effect(() => {
      const [main, own] = [this.scroller, element()];
      if (main === undefined || !own) return;
      const observer = new ResizeObserver(() => this.#measure(main, own));
      observer.observe(main);
      // What is above it grows and folds.
      for (let inner: Element = own; inner !== main && inner.parentElement !== null; inner = inner.parentElement) {
        if (inner !== own) observer.observe(inner);
        for (let before = inner.previousElementSibling; before !== null; before = before.previousElementSibling)
          observer.observe(before);
      }
      this.#measure(main, own);
      return () => observer.disconnect();
    });
  }

  /** Undefined where the whole window scrolls. */
  get scroller(): HTMLElement | undefined {
    return this.#low.current ? undefined : (this.#element()?.closest('main') ?? undefined);
  }

  get scrolled(): number {
    return this.scroller?.scrollTop ?? window.scrollY;
  }

  scrollTo(top: number): void {
    (this.scroller ?? window).scrollTo({ top });
  }

  #measure(main: HTMLElement, own: HTMLElement): void {
    this.viewHeight = main.clientHeight;
    this.root = rootPixels();
    this.above = own.getBoundingClientRect().top - main.getBoundingClientRect().top + main.scrollTop;
  }
}

function rootPixels(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
}

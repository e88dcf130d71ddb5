import { type Edge, type Layout, pointOn } from './layout.js';
import { wayOf } from './rates.js';

/** How long one takes from end to end, milliseconds. */
const TRAVEL_MS = 800;

/** More than this on one way would be a line, not a stream. */
const PER_SECOND_MAX = 24;

interface Particle {
  readonly edge: Edge;
  readonly startedAt: number;
}

/** Draws what moves: so many particles a second on each way as there are calls or messages on it. Rests while nothing moves. */
export class Particles {
  private layout: Layout | null = null;
  private rates: ReadonlyMap<string, number> = new Map();
  private readonly due = new Map<string, number>();
  private particles: Particle[] = [];
  private frame = 0;
  private drawnAt = 0;

  constructor(private readonly canvas: HTMLCanvasElement) {}

  /** Ways that are gone take with them what is on them. */
  show(layout: Layout, rates: ReadonlyMap<string, number>): void {
    if (layout !== this.layout) {
      const ways = new Map(layout.edges.map((edge) => [wayOf(edge), edge]));
      this.particles = this.particles.flatMap((particle) => {
        const edge = ways.get(wayOf(particle.edge));
        return edge?.isOpen === true ? [{ ...particle, edge }] : [];
      });
    }
    this.layout = layout;
    this.rates = rates;
    if (this.frame === 0 && rates.size > 0) {
      this.drawnAt = performance.now();
      this.frame = requestAnimationFrame((now) => this.draw(now));
    }
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }

  private draw(now: number): void {
    const { layout } = this;
    const context = this.canvas.getContext('2d');
    if (layout === null || context === null) return;
    this.send(layout, now);
    this.drawnAt = now;
    this.particles = this.particles.filter(({ startedAt }) => now - startedAt < TRAVEL_MS);
    this.fit(layout, context);
    const style = getComputedStyle(this.canvas);
    const colours = { call: style.getPropertyValue('--call'), message: style.getPropertyValue('--message') };
    for (const { edge, startedAt } of this.particles) {
      const { x, y } = pointOn(edge.curve, Math.max(0, (now - startedAt) / TRAVEL_MS));
      context.fillStyle = colours[edge.kind];
      context.beginPath();
      if (edge.kind === 'call') context.arc(x, y, 3, 0, 7);
      else context.roundRect(x - 5, y - 3, 10, 6, 1.5);
      context.fill();
    }
    const moves = this.particles.length > 0 || this.rates.size > 0;
    this.frame = moves ? requestAnimationFrame((next) => this.draw(next)) : 0;
  }

  private send(layout: Layout, now: number): void {
    const seconds = Math.min(0.1, (now - this.drawnAt) / 1_000);
    for (const edge of layout.edges) {
      const way = wayOf(edge);
      const rate = edge.isOpen ? Math.min(PER_SECOND_MAX, this.rates.get(way) ?? 0) : 0;
      const due = (this.due.get(way) ?? Math.random()) + rate * seconds;
      for (let one = 1; one <= due; one++) this.particles.push({ edge, startedAt: now - (one - 1) * 20 });
      this.due.set(way, rate === 0 ? Math.random() : due % 1);
    }
  }

  private fit({ width, height }: Layout, context: CanvasRenderingContext2D): void {
    const scale = devicePixelRatio;
    const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
    if (this.canvas.width !== w || this.canvas.height !== h) Object.assign(this.canvas, { width: w, height: h });
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
  }
}

/** Leaves along one sprig: where each sits on the arc (degrees from the foot) and how large it is. */
const leaves = [22, 46, 70, 94, 118].map((turn, index) => ({ turn, size: 1 - index * 0.07 }));
const radius = 11.5;
const leaf = "M0 0C1.6-1.3 1.8-4.1 0-6.3-1.8-4.1-1.6-1.3 0 0Z";

function Sprig() {
  return (
    <g>
      <path
        d="M16 27.5A11.5 11.5 0 0 1 5.85 10.6"
        fill="none"
        stroke="currentColor"
        strokeWidth="0.8"
        strokeLinecap="round"
      />
      {leaves.map(({ turn, size }) => {
        const angle = ((90 + turn) * Math.PI) / 180;
        const x = 16 + radius * Math.cos(angle);
        const y = 16 + radius * Math.sin(angle);
        // Growing on along the arc, one leaf to each side of it.
        const along = turn - 90;
        return (
          <g key={turn} transform={`translate(${x.toFixed(2)} ${y.toFixed(2)})`}>
            <path d={leaf} transform={`rotate(${along - 34}) scale(${size})`} />
            <path d={leaf} transform={`rotate(${along + 34}) scale(${size})`} />
          </g>
        );
      })}
    </g>
  );
}

/** The mark: two sprigs that almost close. */
export function LaurelMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={className} fill="currentColor">
      <Sprig />
      <g transform="matrix(-1 0 0 1 32 0)">
        <Sprig />
      </g>
    </svg>
  );
}

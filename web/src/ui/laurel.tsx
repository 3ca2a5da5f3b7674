/** The mark: two sprigs that almost close. */
export function LaurelMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={className} fill="currentColor">
      <g fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round">
        <path d="M16 28C8 26.5 4.500 19 7.500 8" />
        <path d="M16 28c8-1.5 11.500-9 8.500-20" />
      </g>
      {[
        [6, 12, -24],
        [11.2, 13.2, 42],
        [6.8, 18.6, -46],
        [12, 18.6, 28],
        [10, 24, -66],
      ].map(([x, y, turn]) => (
        <g key={`${x} ${y}`}>
          <ellipse cx={x} cy={y} rx="1.7" ry="3.2" transform={`rotate(${turn} ${x} ${y})`} />
          <ellipse cx={32 - x!} cy={y} rx="1.7" ry="3.2" transform={`rotate(${-turn!} ${32 - x!} ${y})`} />
        </g>
      ))}
    </svg>
  );
}

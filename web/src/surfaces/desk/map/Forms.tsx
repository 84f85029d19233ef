/** Which shape is to be drawn. */

interface FormsProps<F extends string> {
  label: string
  forms: readonly F[]
  current: string
  names: Record<F, string>
  onChoose: (form: F) => void
}

export function Forms<F extends string>({ label, forms, current, names, onChoose }: FormsProps<F>) {
  return (
    <div className="map-forms" role="group" aria-label={label}>
      {forms.map((form) => (
        <button
          key={form}
          type="button"
          aria-pressed={form === current}
          onClick={() => onChoose(form)}
        >
          {names[form]}
        </button>
      ))}
    </div>
  )
}

/** One of a few, or some of a few: native radios and boxes that look like chips. */

export interface Choice<V extends string> {
  value: V
  label: string
}

interface OneProps<V extends string> {
  legend: string
  name: string
  choices: readonly Choice<V>[]
  value: V | null
  onChange: (value: V) => void
  required?: boolean
}

export function Chips<V extends string>(props: OneProps<V>) {
  const { legend, name, choices, value, onChange, required } = props
  return (
    <fieldset className="field">
      <legend>{legend}</legend>
      <div className="chips">
        {choices.map((choice) => (
          <label key={choice.value}>
            <input
              type="radio"
              name={name}
              value={choice.value}
              checked={choice.value === value}
              required={required}
              onChange={() => onChange(choice.value)}
            />
            {choice.label}
          </label>
        ))}
      </div>
    </fieldset>
  )
}

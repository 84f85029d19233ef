/** Who did something, as the log names them. */
import { pick } from './language'

/** The log writes one label for all citizens, in both languages: it is read in one. */
const CITIZEN = '市民 citizen'

export function actorName(label: string): string {
  return label === CITIZEN ? pick('市民', 'Citizen') : label
}

/** What the server sends of a case, under the names that the case page uses. */
import type { Schemas } from '../../../api/client'

export type Operation = Schemas['OperationOut'] & { form: string[] }
export type CaseDetail = Omit<Schemas['CaseDetail'], 'operations'> & {
  component_name: string
  operations: Operation[]
}
export type CaseRecord = Schemas['RecordOut']
export type Report = CaseDetail['reports'][number]
export type Choices = Schemas['Choices']
export type Named = Schemas['Named']
export type Standard = Schemas['StandardOut']

interface Reasoned {
  confidence: number
  reason_zh: string
  reason_en: string
}
export interface MatterHint extends Reasoned {
  matter_id: number
  token: string
  name_zh: string
  name_en: string
  class_zh: string
  class_en: string
  source: string
}
export interface DepartmentHint extends Reasoned {
  organisation_id: number
  code: string
  name_zh: string
  name_en: string
  source: string
}
export interface NearbyCase extends Reasoned {
  case_id: number
  number: string | null
  state: CaseDetail['state']
  matter_zh: string
  matter_en: string
  excerpt: string
  reported_at: string
  lon: number
  lat: number
  distance_m: number
}
export interface Duplicate extends NearbyCase {
  description: string
  address: string
  hours: number
}
export interface SimilarCase extends Reasoned {
  case_id: number
  number: string | null
  matter_zh: string
  matter_en: string
  description: string
  address: string
  department_zh: string
  department_en: string
  closed_at: string | null
  used_hours: number | null
  result: string
  solved: boolean | null
}
export interface Suggestions {
  matters: MatterHint[]
  departments: DepartmentHint[]
  duplicates: Duplicate[]
  similar: SimilarCase[]
}
export interface DraftSuggestions {
  matters: MatterHint[]
  duplicates: NearbyCase[]
}
/** A matter of the catalogue: what a case or a report is about. */
export interface Matter {
  id: number
  code: string
  token: string
  class_zh: string
  class_en: string
  name_zh: string
  name_en: string
  aliases: string[]
}

/** The server's shapes of a case, under the names that the case page uses. */
import type { Schemas } from '../../../api/client'

export type CaseDetail = Schemas['CaseDetail']
export type Operation = Schemas['OperationOut']
export type CaseRecord = Schemas['RecordOut']
export type Report = Schemas['ReportOut']
export type Choices = Schemas['Choices']
export type Standard = Schemas['StandardOut']
export type Matter = Schemas['MatterOut']
export type MatterHint = Schemas['SuggestedMatter']
export type DepartmentHint = Schemas['DepartmentOut']
export type NearbyCase = Schemas['NearbyOut']
export type Duplicate = Schemas['DuplicateOut']
export type SimilarCase = Schemas['SimilarOut']

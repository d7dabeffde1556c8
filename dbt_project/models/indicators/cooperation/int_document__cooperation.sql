{{ config(materialized='view') }}

with

documents as (
    select * from {{ ref('fct_document') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

classes as (
    select * from {{ ref('code_classes') }}
),

final as (
    select
        documents.submission_id,
        documents.unit_code,
        documents.period,
        documents.sheet,
        documents.row,
        documents.unit_code as subject_key,
        documents.document_kind,
        documents.title,
        documents.issued_on,
        coalesce(documents.issued_on <= periods.ends_on, false) and mechanism.value_zh is not null as is_mechanism,
        coalesce(documents.issued_on <= periods.ends_on, false) and study_rule.value_zh is not null as is_study_rule
    from documents
    inner join periods on documents.period = periods.period
    left join classes as mechanism
        on
            periods.rulebook_version = mechanism.rulebook_version
            and mechanism.class_code = 'cooperation_mechanism'
            and documents.document_kind = mechanism.value_zh
    left join classes as study_rule
        on
            periods.rulebook_version = study_rule.rulebook_version
            and study_rule.class_code = 'study_rule'
            and documents.document_kind = study_rule.value_zh
)

select * from final

{{ config(materialized='view') }}

with

documents as (
    select * from {{ ref('fct_document') }}
    where form = 'committee'
),

periods as (
    select * from {{ ref('dim_period') }}
),

classes as (
    select * from {{ ref('code_classes') }}
    where class_code = 'policy_document'
),

final as (
    select
        documents.submission_id,
        documents.unit_code,
        documents.period,
        documents.sheet,
        documents.row,
        documents.unit_code as subject_key,
        documents.title,
        documents.issued_on,
        classes.value_zh is not null and coalesce(documents.issued_on <= periods.ends_on, false) as is_policy_in_force
    from documents
    inner join periods on documents.period = periods.period
    left join classes
        on
            periods.rulebook_version = classes.rulebook_version
            and documents.document_kind = classes.value_zh
)

select * from final

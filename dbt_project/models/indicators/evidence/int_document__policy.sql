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
        documents.title,
        documents.issued_on,
        coalesce(documents.issued_on <= periods.ends_on, false) as is_valid_policy
    from documents
    inner join periods on documents.period = periods.period
    inner join classes
        on
            periods.rulebook_version = classes.rulebook_version
            and classes.class_code = 'street_policy'
            and documents.document_kind = classes.value_zh
)

select * from final

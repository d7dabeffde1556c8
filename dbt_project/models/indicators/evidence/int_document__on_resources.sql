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
        documents.form,
        documents.document_kind,
        documents.title,
        documents.issued_on,
        linkage.value_zh is not null
        and coalesce(documents.issued_on <= periods.ends_on, false) as is_party_linkage,
        mechanism.value_zh is not null
        and coalesce(documents.issued_on <= periods.ends_on, false) as is_resource_mechanism
    from documents
    inner join periods on documents.period = periods.period
    left join classes as linkage
        on
            periods.rulebook_version = linkage.rulebook_version
            and linkage.class_code = 'party_linkage_document'
            and documents.document_kind = linkage.value_zh
    left join classes as mechanism
        on
            periods.rulebook_version = mechanism.rulebook_version
            and mechanism.class_code = 'resource_mechanism_document'
            and documents.document_kind = mechanism.value_zh
)

select * from final
